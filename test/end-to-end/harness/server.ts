// Starts the server under test as a process of its own, waits until it answers, and stops it as an operator would: SIGTERM,
// exit code 0. The crash suite uses the same with SIGKILL.

import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { freePort } from '../../../native-free-bench/peers/free-ports.ts';

/** A new data set takes 50 disk syncs, and a disk that stands still takes its time. */
const READY_DEADLINE_MS = 60_000;
/** Issue: "exit 0 within 5 s"; the rest is for a busy machine. */
const STOP_DEADLINE_MS = 10_000;
const MAX_STARTS = 3;
const KEPT_LOG_BYTES = 64 * 1024;

export const repositoryRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

export interface ServerOptions {
  /** PostgreSQL to use; without it the embedded store in `dataFile`, or in a temporary file. */
  readonly databaseUrl?: string | undefined;
  readonly dataFile?: string | undefined;
  readonly port?: number | undefined;
  readonly httpPort?: number | undefined;
  readonly dynamicConfig?: Readonly<Record<string, unknown>> | undefined;
  readonly extraArguments?: readonly string[] | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

export class OstinatoServer {
  readonly address: string;
  readonly port: number;
  readonly httpPort: number;
  readonly process: ChildProcess;
  #log = '';
  readonly #printed = new EventEmitter();
  readonly #exited: Promise<number | string>;
  readonly #temporaryFolder: string | undefined;

  private constructor(
    child: ChildProcess,
    ports: { port: number; httpPort: number },
    temporaryFolder: string | undefined,
  ) {
    this.process = child;
    this.port = ports.port;
    this.httpPort = ports.httpPort;
    this.address = `127.0.0.1:${ports.port}`;
    this.#temporaryFolder = temporaryFolder;
    this.#exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#log = (this.#log + chunk.toString()).slice(-KEPT_LOG_BYTES);
        this.#printed.emit('log');
      });
    }
  }

  /** Ports that it chose itself may be somebody else's by the time the server wants them: then others are tried. */
  static async start(options: ServerOptions = {}): Promise<OstinatoServer> {
    for (let attempt = 1; ; attempt++) {
      const server = await OstinatoServer.#spawn(options);
      try {
        await server.#ready();
        return server;
      } catch (error) {
        await server.kill();
        const isPortTaken = /port \d+ on .* is already in use/.test(server.log) && options.port === undefined;
        if (!isPortTaken || attempt === MAX_STARTS) throw error;
      }
    }
  }

  static async #spawn(options: ServerOptions): Promise<OstinatoServer> {
    const port = options.port ?? (await freePort());
    const httpPort = options.httpPort ?? (await freePort());
    const folder =
      options.databaseUrl || options.dataFile ? undefined : await mkdtemp(join(tmpdir(), 'ostinato-end-to-end-'));
    const store = options.databaseUrl
      ? ['--database-url', options.databaseUrl]
      : ['--db-filename', options.dataFile ?? join(folder ?? '', 'ostinato.db')];
    const dynamicConfig = Object.entries(options.dynamicConfig ?? {}).flatMap(([key, value]) => [
      '--dynamic-config-value',
      `${key}=${JSON.stringify(value)}`,
    ]);
    const child = spawn(
      process.execPath,
      [
        join(repositoryRoot, 'src', 'main.js'),
        'start-dev',
        ...['--ip', '127.0.0.1', '--port', String(port), '--http-port', String(httpPort), '--headless'],
        ...store,
        ...dynamicConfig,
        ...(options.extraArguments ?? []),
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], cwd: repositoryRoot, env: { ...process.env, ...options.environment } },
    );
    return new OstinatoServer(child, { port, httpPort }, folder);
  }

  /** The end of what the server printed. */
  get log(): string {
    return this.#log;
  }

  /** Until the server has printed what matches; looks at each line as it comes, for `log` keeps only the end. */
  async hasPrinted(pattern: RegExp, deadlineMs: number): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs);
    while (!pattern.test(this.#log)) await once(this.#printed, 'log', { signal });
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + READY_DEADLINE_MS;
    const early = this.#exited.then((code) => {
      throw new Error(`the server ended with ${code} before it was ready:\n${this.#log}`);
    });
    await Promise.race([waitForFrontend(this.address, deadline), early]).catch((error) => {
      throw new Error(`the server is not ready:\n${this.#log}`, { cause: error });
    });
    early.catch(() => undefined);
  }

  /** SIGTERM; resolves with the exit code and how long it took. */
  async stop(): Promise<{ exitCode: number | string; durationMs: number }> {
    const began = performance.now();
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_DEADLINE_MS);
    const exitCode = await this.#exited;
    clearTimeout(timer);
    await this.#clean();
    return { exitCode, durationMs: performance.now() - began };
  }

  /** SIGKILL: what a power cut leaves of a process. */
  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
    await this.#exited;
    await this.#clean();
  }

  async #clean(): Promise<void> {
    if (this.#temporaryFolder) await rm(this.#temporaryFolder, { recursive: true, force: true });
  }
}

/** Until GetSystemInfo answers. */
export async function waitForFrontend(address: string, deadline = Date.now() + READY_DEADLINE_MS): Promise<void> {
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1000 });
      await connection.close();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`${address} does not answer`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
