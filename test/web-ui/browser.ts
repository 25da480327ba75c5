// A headless Chromium of the machine, driven over the DevTools protocol, which Node speaks without a package: pages are opened, read,
// clicked and photographed, and what goes wrong in them is collected.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const START_LIMIT_MS = 30_000;
const LOOK_INTERVAL_MS = 50;
/** The UI asks for a run's state anew every ten seconds. */
const PAGE_LIMIT_MS = 30_000;

/** OSTINATO_BROWSER, or what is in the path. */
export function findBrowser(): string | undefined {
  const given = process.env.OSTINATO_BROWSER;
  if (given !== undefined) return given;
  return NAMES.find((name) => {
    try {
      execFileSync(name, ['--version'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

type Json = Record<string, unknown>;
type Listener = (method: string, parameters: Json) => void;

export class Browser {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, { resolve(value: Json): void; reject(error: Error): void }>();
  readonly #listeners = new Map<string, Listener>();
  #lastId = 0;

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data)) as Json));
  }

  static async start(executable: string): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), 'ostinato-browser-'));
    const flags = [
      ...['--headless=new', '--remote-debugging-port=0', '--window-size=1440,1000', '--disable-gpu', '--no-first-run'],
      // As root, and where there is little shared memory, as in containers.
      ...['--no-sandbox', '--disable-dev-shm-usage'],
      // Nothing but the server under test is to be asked.
      ...['--disable-background-networking', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
    ];
    const child = spawn(executable, [...flags, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const socket = new WebSocket(await debuggerUrl(child));
    await once(socket as unknown as EventTarget, 'open');
    return new Browser(child, profile, socket);
  }

  async openPage(): Promise<Page> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    const close = async () => {
      this.#listeners.delete(sessionId as string);
      await this.send('Target.closeTarget', { targetId });
    };
    const page = new Page((method, parameters) => this.send(method, parameters, sessionId as string), close);
    this.#listeners.set(sessionId as string, page.listen);
    await page.start();
    return page;
  }

  send(method: string, params: Json = {}, sessionId?: string): Promise<Json> {
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Json>();
    this.#pending.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    return promise;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#socket.close();
    this.#child.kill('SIGTERM');
    await exited;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #receive(message: Json): void {
    const { id, result, error, method, params, sessionId } = message;
    if (typeof id === 'number') {
      const waiting = this.#pending.get(id);
      this.#pending.delete(id);
      if (error === undefined) waiting?.resolve((result ?? {}) as Json);
      else waiting?.reject(new Error((error as { message: string }).message));
    } else if (typeof sessionId === 'string') {
      this.#listeners.get(sessionId)?.(String(method), (params ?? {}) as Json);
    }
  }
}

async function debuggerUrl(child: ChildProcess): Promise<string> {
  let printed = '';
  const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  try {
    for await (const chunk of child.stderr as AsyncIterable<Buffer>) {
      printed += chunk.toString();
      const url = /ws:\/\/\S+/.exec(printed)?.[0];
      if (url !== undefined) return url;
    }
  } finally {
    clearTimeout(limit);
  }
  throw new Error(`the browser did not start:\n${printed}`);
}

export interface FailedRequest {
  readonly method: string;
  readonly url: string;
  /** 0: no answer. */
  readonly status: number;
}

export class Page {
  /** Uncaught exceptions and console errors; the browser's own lines about failed requests are in `failed`. */
  readonly errors: string[] = [];
  readonly failed: FailedRequest[] = [];
  readonly requested: string[] = [];
  readonly #send: (method: string, parameters?: Json) => Promise<Json>;
  readonly #requests = new Map<string, { readonly method: string; readonly url: string }>();

  /** A page that nobody closes keeps its connections: a browser has six for one server. */
  readonly close: () => Promise<void>;

  constructor(send: (method: string, parameters?: Json) => Promise<Json>, close: () => Promise<void>) {
    this.#send = send;
    this.close = close;
  }

  async start(): Promise<void> {
    for (const domain of ['Page', 'Runtime', 'Network', 'Log']) await this.#send(`${domain}.enable`);
  }

  async open(url: string): Promise<void> {
    await this.#send('Page.navigate', { url });
  }

  /** What a person reads, frames left out; with one space for each gap. */
  async text(): Promise<string> {
    return String(await this.evaluate('document.body?.innerText ?? ""')).replaceAll(/\s+/g, ' ');
  }

  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value?: unknown }).value;
  }

  /** Until the page shows all of it. */
  async shows(patterns: readonly (string | RegExp)[], limitMs = PAGE_LIMIT_MS): Promise<string> {
    const deadlineMs = performance.now() + limitMs;
    for (;;) {
      // In the middle of a navigation there is nothing to ask.
      const text = await this.text().catch(() => '');
      const missing = patterns.filter((pattern) =>
        typeof pattern === 'string' ? !text.includes(pattern) : !pattern.test(text),
      );
      if (missing.length === 0) return text;
      if (performance.now() > deadlineMs)
        throw new Error(`the page does not show ${missing.join(', ')}, but:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    }
  }

  /** Until the expression is true in the page. */
  async becomes(expression: string, limitMs = PAGE_LIMIT_MS): Promise<void> {
    const deadlineMs = performance.now() + limitMs;
    while ((await this.evaluate(expression).catch(() => false)) !== true) {
      if (performance.now() > deadlineMs) throw new Error(`it did not become true: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    }
  }

  /** Clicks the first visible button, link or menu item with exactly this text. */
  async click(text: string, limitMs = PAGE_LIMIT_MS): Promise<void> {
    const find = `[...document.querySelectorAll('button, a, [role="menuitem"], [role="tab"]')]
      .findLast((element) => element.innerText.trim() === ${JSON.stringify(text)} && element.offsetParent !== null && !element.disabled)`;
    const deadlineMs = performance.now() + limitMs;
    while (!(await this.evaluate(`(() => { const found = ${find}; found?.click(); return found !== undefined; })()`))) {
      if (performance.now() > deadlineMs) throw new Error(`there is no ${text} to click in:\n${await this.text()}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK_INTERVAL_MS));
    }
  }

  async screenshot(path: string): Promise<void> {
    const { data } = await this.#send('Page.captureScreenshot', { format: 'png' });
    writeFileSync(path, Buffer.from(String(data), 'base64'));
  }

  readonly listen: Listener = (method, parameters) => {
    switch (method) {
      case 'Runtime.exceptionThrown': {
        const details = parameters.exceptionDetails as { text: string; exception?: { description?: string } };
        this.errors.push(details.exception?.description ?? details.text);
        break;
      }
      case 'Runtime.consoleAPICalled': {
        const called = parameters as { type?: string; args?: { value?: unknown; description?: string }[] };
        if (called.type !== 'error') break;
        this.errors.push((called.args ?? []).map((each) => String(each.description ?? each.value)).join(' '));
        break;
      }
      case 'Log.entryAdded': {
        const { entry } = parameters as { entry: { level: string; source: string; text: string } };
        if (entry.level === 'error' && entry.source !== 'network') this.errors.push(entry.text);
        break;
      }
      case 'Network.requestWillBeSent': {
        const { requestId, request } = parameters as { requestId: string; request: { method: string; url: string } };
        this.#requests.set(requestId, request);
        this.requested.push(`${request.method} ${request.url}`);
        break;
      }
      case 'Network.responseReceived': {
        const { requestId, response } = parameters as { requestId: string; response: { status: number } };
        if (response.status >= 400) this.#fail(requestId, response.status);
        break;
      }
      case 'Network.loadingFailed':
        // Navigating away cancels what the page still waits for.
        if (parameters.canceled !== true) this.#fail(String(parameters.requestId), 0);
        break;
    }
  };

  #fail(requestId: string, status: number): void {
    const request = this.#requests.get(requestId);
    if (request !== undefined) this.failed.push({ method: request.method, url: request.url, status });
  }
}
