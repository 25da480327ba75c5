// What a thread has when its service starts, and how a thread other than main comes to life: enterThread() is the first call
// of the code that a new Worker runs.

import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../base/invariant.ts';
import { declaredSettings } from '../config/dynamic-config.ts';
import { LocalMetrics } from '../metrics/local-metrics.ts';
import type { Logger } from '../metrics/logger.ts';
import { createLineLogger } from '../metrics/thread-logger.ts';
import type { Clock } from './clock.ts';
import type { FactChannel } from './facts.ts';
import { IdleMemory } from './idle-memory.ts';
import { MessageHub } from './message-hub.ts';
import { RingRouter } from './ring-router.ts';
import type { Router } from './router.ts';
import { SystemClock } from './system-clock.ts';
import { ThreadLoads } from './thread-loads.ts';
import type { FromThread, ThreadSetup, ToThread } from './thread-messages.ts';
import type { ThreadDescription, Topology } from './topology.ts';
import { Turn } from './turn.ts';

export interface ThreadContext {
  readonly description: ThreadDescription;
  readonly topology: Topology;
  readonly hub: MessageHub;
  readonly router: Router;
  /** See poll-board.ts. */
  readonly pollBoard: SharedArrayBuffer;
  readonly loads: ThreadLoads;
  readonly facts: FactChannel;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: LocalMetrics;
}

/** What runs on a thread. */
export interface RunningThread {
  /** Finishes what is in progress and takes nothing new: parked polls are answered empty. */
  drain(): Promise<void>;
  stop(): Promise<void>;
}

export interface ThreadContextOptions {
  readonly thread: number;
  readonly topology: Topology;
  readonly bells: SharedArrayBuffer;
  readonly pollBoard: SharedArrayBuffer;
  readonly loads: SharedArrayBuffer;
  readonly logger: Logger;
}

export function createThreadContext(options: ThreadContextOptions): ThreadContext {
  const { topology, bells, pollBoard } = options;
  const description = topology.threads[options.thread]!;
  const turn = new Turn();
  const clock = new SystemClock(turn);
  const metrics = new LocalMetrics(description.name);
  const { logger } = options;
  const { thread, name } = description;
  const hub = new MessageHub({ thread, name, bells, clock, turn, logger, metrics });
  metrics.beforeSnapshot(() => hub.sample());
  const router = new RingRouter(hub, topology);
  const loads = new ThreadLoads(options.loads, topology, thread);
  return { description, topology, hub, router, pollBoard, loads, facts: hub, clock, logger, metrics };
}

/** Runs `begin` on this thread and tells the main one how it went. */
export function enterThread(begin: (context: ThreadContext, settings: unknown) => Promise<RunningThread>): void {
  const setup = workerData as ThreadSetup;
  const port = parentPort;
  invariant(port !== null, 'enterThread runs on a worker thread');
  const tell = (message: FromThread) => port.postMessage(message);
  const lines = new LineBatch((batch) => tell({ kind: 'log', lines: batch }));
  const description = setup.topology.threads[setup.thread]!;
  const logger = createLineLogger(setup.logLevel, lines, { thread: description.name });
  const context = createThreadContext({ ...setup, logger });

  // The thread ends with the exception; what it logged must not end with it.
  process.on('uncaughtExceptionMonitor', () => lines.flush());

  const idleMemory = new IdleMemory(context.clock, context.loads);
  let running: RunningThread | undefined;
  const stop = async () => {
    try {
      await running?.stop();
    } catch (error) {
      logger.error({ err: error }, 'the thread did not stop cleanly');
    }
    idleMemory.stop();
    context.hub.stop();
    lines.flush();
    process.exit(0);
  };
  const drain = async () => {
    try {
      await running?.drain();
    } catch (error) {
      logger.error({ err: error }, 'the thread did not drain cleanly');
    }
    tell({ kind: 'drained' });
  };
  // A call to a thread that is not linked yet would fail as if that thread were down.
  const awaited = new Set(setup.peers);
  let allLinked: () => void;
  const linked = new Promise<void>((resolve) => {
    allLinked = resolve;
  });
  const heardOf = (peer: number) => {
    if (awaited.delete(peer) && awaited.size === 0) allLinked();
  };
  port.on('message', (message: ToThread) => {
    switch (message.kind) {
      case 'link':
        context.hub.connect(message.end);
        heardOf(message.end.peer);
        break;
      case 'unlink':
        context.hub.disconnect(message.peer);
        heardOf(message.peer);
        break;
      case 'drain':
        void drain();
        break;
      case 'stop':
        void stop();
        break;
      case 'collectMetrics':
        tell({ kind: 'metrics', request: message.request, snapshot: context.metrics.snapshot(message.known) });
        break;
    }
  });

  context.hub.start();
  linked
    .then(() => begin(context, setup.settings))
    .then(
      (started) => {
        running = started;
        idleMemory.start();
        tell({ kind: 'ready', declaredSettings: declaredSettings() });
      },
      (error: unknown) => {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        lines.flush();
        tell({ kind: 'failed', message, stack });
        process.exit(1);
      },
    );
}

/** Log lines of one turn travel together. */
class LineBatch {
  #lines: string[] = [];
  readonly #send: (lines: readonly string[]) => void;

  constructor(send: (lines: readonly string[]) => void) {
    this.#send = send;
  }

  write(line: string): void {
    if (this.#lines.push(line) === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#send(lines);
  }
}
