// The main loop's view of the other threads: starts them, links them, restarts the ones that die, stops them.

import { MessageChannel, type Transferable, Worker } from 'node:worker_threads';
import { invariant } from '../base/invariant.ts';
import type { SettingDeclaration } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { KnownInstruments, MetricsSnapshot } from '../metrics/metrics-snapshot.ts';
import type { Clock, TimerHandle } from './clock.ts';
import type { LinkEnd } from './link.ts';
import type { MessageHub } from './message-hub.ts';
import { createRingMemory } from './ring.ts';
import type { FromThread, ThreadSetup, ToThread } from './thread-messages.ts';
import type { SpawnedRole, ThreadDescription, Topology } from './topology.ts';

/** Bytes of a ring each way. Full rings spill into their writer's backlog, so this only sets how much is zero-copy. */
const RING_BYTES = 1024 * 1024;

/** The first restart is at once; each further one within the window doubles the pause, so that a crash loop stays cheap. */
const RESTART_WINDOW_MS = 60_000;
const RESTART_BASE_DELAY_MS = 200;
const RESTART_MAX_DELAY_MS = 10_000;

/** A thread that does not answer a scrape in this time is left out of it. */
const METRICS_TIMEOUT_MS = 1_000;

/** Where a thread's code is: a module, or the source of a bundle (single executable). */
export type ThreadEntry = { readonly url: URL } | { readonly source: string };

export interface ThreadSupervisorOptions {
  readonly topology: Topology;
  readonly entry: (role: SpawnedRole) => ThreadEntry;
  readonly bells: SharedArrayBuffer;
  readonly pollBoard: SharedArrayBuffer;
  readonly loads: SharedArrayBuffer;
  readonly hub: MessageHub;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly logLevel: number;
  /** Writes a line that a thread made. */
  readonly writeLine: (line: string) => void;
  readonly settings: unknown;
}

interface SupervisedThread {
  readonly description: ThreadDescription;
  worker: Worker | undefined;
  ready: boolean;
  /** What the thread said before it ended. */
  lastError: Error | undefined;
  restartsMs: number[];
  restart: TimerHandle | undefined;
}

export class ThreadSupervisor {
  readonly #options: ThreadSupervisorOptions;
  readonly #threads: SupervisedThread[];
  #stopping = false;
  #startup: { resolve(): void; reject(error: Error): void } | undefined;
  #stopped: Promise<void> | undefined;
  #nextRequest = 1;
  readonly #collections = new Map<number, (thread: number, snapshot: MetricsSnapshot) => void>();
  readonly #settings = new Map<string, SettingDeclaration>();
  readonly #drains = new Map<number, () => void>();

  constructor(options: ThreadSupervisorOptions) {
    this.#options = options;
    this.#threads = options.topology.threads
      .filter((description) => description.role !== 'main')
      .map((description) => ({
        description,
        worker: undefined,
        ready: false,
        lastError: undefined,
        restartsMs: [],
        restart: undefined,
      }));
  }

  /** Resolves when every thread is ready; rejects when one cannot start. */
  start(): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#startup = { resolve, reject };
      const everybody = this.#options.topology.threads.map((description) => description.thread);
      for (const thread of this.#threads) this.#spawn(thread, everybody);
    });
  }

  /** What the code of all threads that became ready declares. */
  declaredSettings(): readonly SettingDeclaration[] {
    return [...this.#settings.values()];
  }

  /** Threads that answer calls right now, for health checks. */
  readyThreads(): readonly string[] {
    return this.#threads.filter((thread) => thread.ready).map((thread) => thread.description.name);
  }

  /** Every thread finishes what it has in progress, at most `graceMs` long. */
  async drain(graceMs: number): Promise<void> {
    await this.#within(
      graceMs,
      this.#threads.map((thread) => {
        if (thread.worker === undefined || !thread.ready) return Promise.resolve();
        return new Promise<void>((resolve) => {
          this.#drains.set(thread.description.thread, resolve);
          this.#tell(thread, { kind: 'drain' });
        });
      }),
    );
  }

  /** Ends all threads; those that are not done after `graceMs` are cut off (their stores are crash safe). */
  stop(graceMs: number): Promise<void> {
    this.#stopped ??= this.#stop(graceMs);
    return this.#stopped;
  }

  /** Snapshots of all threads that answer in time. */
  async collectMetrics(knownOf: (thread: string) => KnownInstruments | undefined): Promise<readonly MetricsSnapshot[]> {
    const request = this.#nextRequest++;
    const snapshots: MetricsSnapshot[] = [];
    const asked = this.#threads.filter((thread) => thread.ready);
    if (asked.length === 0) return snapshots;
    await new Promise<void>((resolve) => {
      const timeout = this.#options.clock.after(METRICS_TIMEOUT_MS, resolve);
      this.#collections.set(request, (_thread, snapshot) => {
        snapshots.push(snapshot);
        if (snapshots.length < asked.length) return;
        timeout.cancel();
        resolve();
      });
      for (const thread of asked) {
        this.#tell(thread, { kind: 'collectMetrics', request, known: knownOf(thread.description.name) });
      }
    });
    this.#collections.delete(request);
    return snapshots;
  }

  #alive(): readonly number[] {
    const alive = this.#threads.filter((thread) => thread.worker !== undefined);
    return [this.#options.hub.thread, ...alive.map((thread) => thread.description.thread)];
  }

  /** `others`: the threads that will be linked with the new one. */
  #spawn(thread: SupervisedThread, others: readonly number[]): void {
    const { topology, bells, pollBoard, loads, logLevel, settings } = this.#options;
    const { description } = thread;
    const peers = others.filter((other) => other !== description.thread);
    const shared = { topology, bells, pollBoard, loads };
    const setup: ThreadSetup = { thread: description.thread, ...shared, peers, logLevel, settings };
    const options = { workerData: setup, name: description.name, stdin: false };
    invariant(description.role !== 'main', 'the main thread starts the others');
    const entry = this.#options.entry(description.role);
    const worker =
      'url' in entry ? new Worker(entry.url, options) : new Worker(entry.source, { ...options, eval: true });
    thread.worker = worker;
    thread.ready = false;
    thread.lastError = undefined;
    worker.on('message', (message: FromThread) => this.#hear(thread, worker, message));
    worker.on('error', (error: unknown) => {
      thread.lastError = error instanceof Error ? error : new Error(String(error));
    });
    worker.on('exit', (code) => this.#ended(thread, worker, code));
    this.#linkWithAll(thread);
  }

  /** A link to main and to every thread that has been spawned; later ones link themselves to this one. */
  #linkWithAll(thread: SupervisedThread): void {
    const main = this.#options.topology.threads[0]!;
    const [ours, theirs] = createLink(main, thread.description);
    this.#options.hub.connect(ours);
    this.#tell(thread, { kind: 'link', end: theirs }, [theirs.port]);
    for (const other of this.#threads) {
      if (other === thread || other.worker === undefined) continue;
      const [here, there] = createLink(thread.description, other.description);
      this.#tell(thread, { kind: 'link', end: here }, [here.port]);
      this.#tell(other, { kind: 'link', end: there }, [there.port]);
    }
  }

  #hear(thread: SupervisedThread, worker: Worker, message: FromThread): void {
    switch (message.kind) {
      case 'ready':
        if (thread.worker !== worker) return;
        thread.ready = true;
        for (const declaration of message.declaredSettings) this.#settings.set(declaration.key, declaration);
        if (thread.restartsMs.length > 0) {
          this.#options.logger.warn({ thread: thread.description.name }, 'the thread is back');
        }
        if (this.#threads.every((each) => each.ready)) this.#finishStartup();
        break;
      case 'failed': {
        const error = new Error(message.message);
        if (message.stack !== undefined) error.stack = message.stack;
        thread.lastError = error;
        break;
      }
      case 'drained':
        this.#drains.get(thread.description.thread)?.();
        this.#drains.delete(thread.description.thread);
        break;
      case 'log':
        for (const line of message.lines) this.#options.writeLine(line);
        break;
      case 'metrics':
        this.#collections.get(message.request)?.(thread.description.thread, message.snapshot);
        break;
    }
  }

  #finishStartup(error?: Error): void {
    const startup = this.#startup;
    this.#startup = undefined;
    if (error === undefined) startup?.resolve();
    else startup?.reject(error);
  }

  #ended(thread: SupervisedThread, worker: Worker, code: number): void {
    if (thread.worker !== worker) return;
    const { hub, logger, clock } = this.#options;
    const { thread: index, name } = thread.description;
    thread.worker = undefined;
    thread.ready = false;
    this.#drains.get(index)?.();
    this.#drains.delete(index);
    hub.disconnect(index);
    for (const other of this.#threads) this.#tell(other, { kind: 'unlink', peer: index });
    if (this.#stopping) return;

    const error = thread.lastError ?? new Error(`thread ${name} ended with code ${code}`);
    if (this.#startup !== undefined) {
      this.#finishStartup(error);
      return;
    }
    const nowMs = clock.nowMs();
    thread.restartsMs = thread.restartsMs.filter((restartMs) => restartMs > nowMs - RESTART_WINDOW_MS);
    const recent = thread.restartsMs.length;
    const delayMs = recent === 0 ? 0 : Math.min(RESTART_MAX_DELAY_MS, RESTART_BASE_DELAY_MS * 2 ** (recent - 1));
    thread.restartsMs.push(nowMs);
    logger.error({ err: error, thread: name, restartInMs: delayMs }, 'a thread ended and is restarted');
    thread.restart = clock.after(delayMs, () => {
      thread.restart = undefined;
      if (!this.#stopping) this.#spawn(thread, this.#alive());
    });
  }

  async #stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#finishStartup(new Error('the server was stopped while it started'));
    const running = this.#threads.filter((thread) => thread.worker !== undefined);
    for (const thread of this.#threads) thread.restart?.cancel();
    const ended = running.map((thread) => {
      const worker = thread.worker!;
      return new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    });
    for (const thread of running) this.#tell(thread, { kind: 'stop' });
    await this.#within(graceMs, ended);
    const late = running.filter((thread) => thread.worker !== undefined);
    for (const thread of late) {
      this.#options.logger.warn({ thread: thread.description.name }, 'the thread did not stop in time and is cut off');
    }
    await Promise.all(late.map((thread) => thread.worker?.terminate()));
  }

  async #within(limitMs: number, work: readonly Promise<void>[]): Promise<void> {
    let timer: TimerHandle | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = this.#options.clock.after(limitMs, resolve);
    });
    await Promise.race([limit, Promise.all(work)]);
    timer?.cancel();
  }

  #tell(thread: SupervisedThread, message: ToThread, transfer: readonly Transferable[] = []): void {
    thread.worker?.postMessage(message, [...transfer]);
  }
}

/** Both ends of a new link. */
function createLink(one: ThreadDescription, other: ThreadDescription): [LinkEnd, LinkEnd] {
  const { port1, port2 } = new MessageChannel();
  const there = createRingMemory(RING_BYTES);
  const back = createRingMemory(RING_BYTES);
  return [
    { peer: other.thread, peerName: other.name, outgoing: there, incoming: back, port: port1 },
    { peer: one.thread, peerName: one.name, outgoing: back, incoming: there, port: port2 },
  ];
}
