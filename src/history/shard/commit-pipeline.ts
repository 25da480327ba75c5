// The thread's group commit (design section 4): whatever the decisions of one turn changed, in all shards of the thread, becomes
// durable in one store transaction; what comes while it is in flight forms the next batch. No timer, no added delay.
// Replies and tasks wait here until the write they depend on is durable (I2). History thread.

import type { ExecutionStore, ShardCommit } from '../../persistence/index.ts';
import { ShardFencedError } from '../../persistence/index.ts';
import type { Clock, TimerHandle } from '../../runtime/clock.ts';
import type { QuietMoments } from '../../runtime/quiet-moments.ts';
import type { HistoryMetrics } from '../metrics.ts';
import type { QuietChores } from './quiet-chores.ts';

/** One shard's part in batches. */
export interface CommitSource {
  readonly shardId: number;
  /** Everything that changed since the last call; undefined if nothing did. */
  takeCommit(): ShardCommit | undefined;
  /** The last taken commit is being written: what may leave under a seal leaves. Not called for every commit. */
  sendAhead(): void;
  /** The last taken commit is durable: workers get what was started for them. False if there was nothing. */
  sendCommitted(): boolean;
  /** After that: publish its tasks, tell observers. */
  committed(): void;
  /** The store refused or the outcome is unknown: memory is no longer truth, the shard must be loaded anew. */
  commitFailed(error: Error): void;
}

/**
 * The tables of a store with a journal follow it in small steps, each of which delays commits beside it by its own length, so they wait for quiet
 * moments as long as there are some. They follow late, when most of what the journal has to say is done: tasks are acknowledged every two
 * seconds, short workflows are over.
 */
const CATCH_UP_STEP_MS = 250;
const CATCH_UP_PATIENCE_MS = 100;
const CATCH_UP_AFTER_STEPS = 10;
/** From so many entries on the tables follow at once. */
const LARGE_BACKLOG = 512;

interface Flight {
  readonly sources: readonly CommitSource[];
  readonly waiters: Waiter[];
  /**
   * Whether what follows may go ahead of it, under a seal (docs/decisions/0017): a commit of one run is written while other threads
   * probably have nothing to do.
   */
  readonly isSmall: boolean;
}

interface Waiter {
  readonly shardId: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export interface CommitPipelineDeps {
  readonly store: ExecutionStore;
  readonly clock: Clock;
  readonly metrics: HistoryMetrics;
  readonly moments: QuietMoments;
  readonly chores: QuietChores;
  /** Sends what other threads are to see before this one is done with its turn. */
  readonly flushMessages: () => void;
}

export class CommitPipeline {
  private readonly store: ExecutionStore;
  private readonly clock: Clock;
  private readonly metrics: HistoryMetrics;
  private readonly moments: QuietMoments;
  private readonly chores: QuietChores;
  private readonly flushMessages: () => void;
  private writingSinceMs = 0;
  /** Whether a commit keeps the thread until it is durable, as the last one showed. */
  private storeBlocks = false;
  private dirty = new Set<CommitSource>();
  private waiters: Waiter[] = [];
  private inFlight: Flight | undefined;
  private scheduled = false;
  private catchUpTimer: TimerHandle | undefined;
  private stopped = false;
  private idle: (() => void)[] = [];
  commits = 0;

  constructor({ store, clock, metrics, moments, chores, flushMessages }: CommitPipelineDeps) {
    this.flushMessages = flushMessages;
    this.store = store;
    this.clock = clock;
    this.metrics = metrics;
    this.moments = moments;
    this.chores = chores;
  }

  /** The shard has something to write: it is part of the next batch. */
  markDirty(source: CommitSource): void {
    this.dirty.add(source);
    this.schedule();
  }

  /** Resolves when all that the shard has decided so far is durable; at once if it is already. */
  settled(source: CommitSource): Promise<void> | undefined {
    if (this.dirty.has(source)) {
      return new Promise((resolve, reject) => this.waiters.push({ shardId: source.shardId, resolve, reject }));
    }
    const flight = this.inFlight;
    if (flight?.sources.includes(source) === true) {
      return new Promise((resolve, reject) => flight.waiters.push({ shardId: source.shardId, resolve, reject }));
    }
    return undefined;
  }

  /** Resolves once nothing is waiting to be written. */
  drain(): Promise<void> {
    if (this.dirty.size === 0 && this.inFlight === undefined) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  /** Call after drain(). What the store's tables lack they get when it is closed. */
  stop(): void {
    this.stopped = true;
    this.catchUpTimer?.cancel();
    this.chores.stop();
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight !== undefined) return;
    this.scheduled = true;
    this.clock.defer(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.inFlight !== undefined) return;
    const sources: CommitSource[] = [];
    const batch: ShardCommit[] = [];
    for (const source of this.dirty) {
      sources.push(source);
      const commit = source.takeCommit();
      if (commit !== undefined) batch.push(commit);
    }
    this.dirty = new Set();
    const runs = batch.reduce((sum, { executions }) => sum + executions.length, 0);
    const flight = { sources, waiters: this.waiters, isSmall: runs === 1 };
    this.waiters = [];
    this.inFlight = flight;
    if (batch.length === 0) {
      this.finish(undefined);
      return;
    }
    this.commits++;
    this.metrics.commit.requests.add();
    this.metrics.commitBatch.record(runs);
    this.writingSinceMs = this.clock.nowMs();
    this.moments.stir(this.writingSinceMs);
    if (flight.isSmall && this.storeBlocks) {
      for (const source of sources) source.sendAhead();
      this.flushMessages();
    }
    this.write(batch);
    if (!flight.isSmall || this.inFlight !== flight) return;
    // Behind the store's own message, which the end of this turn sends.
    this.clock.defer(() => {
      if (this.inFlight === flight) for (const source of sources) source.sendAhead();
    });
  }

  private write(batch: readonly ShardCommit[]): void {
    try {
      const writing = this.store.commit(batch);
      this.storeBlocks = !(writing instanceof Promise);
      if (writing instanceof Promise) {
        writing.then(
          () => this.finish(undefined),
          (error: Error) => this.failed(batch, error),
        );
      } else {
        this.finish(undefined);
      }
    } catch (error) {
      this.failed(batch, error as Error);
    }
  }

  private letCatchUp(): void {
    if (!this.store.backlog || this.stopped) return;
    this.catchUpTimer ??= this.clock.after(CATCH_UP_STEP_MS, () => {
      this.catchUpTimer = this.moments.next(CATCH_UP_PATIENCE_MS, () => void this.catchUp());
    });
  }

  private async catchUp(): Promise<void> {
    const { store } = this;
    try {
      await store.catchUp?.((store.backlog ?? 0) < LARGE_BACKLOG ? CATCH_UP_AFTER_STEPS : 1);
    } catch {
      this.metrics.commit.errors.add(); // nothing is lost: it stays in the journal until the next step
    }
    this.catchUpTimer = undefined;
    this.letCatchUp();
  }

  /**
   * A fenced shard takes the batch down with it. The others' changes are untouched and go again without it; for any other error
   * no shard of the batch knows what the store holds.
   */
  private failed(batch: readonly ShardCommit[], error: Error): void {
    const flight = this.inFlight as Flight;
    const fenced = error instanceof ShardFencedError ? error.shardId : undefined;
    if (fenced === undefined || batch.length === 1) {
      this.finish(error);
      return;
    }
    const lost = flight.sources.filter((source) => source.shardId === fenced);
    const rest = batch.filter((commit) => commit.shardId !== fenced);
    const stay = flight.waiters.filter((waiter) => waiter.shardId !== fenced);
    for (const source of lost) source.commitFailed(error);
    for (const waiter of flight.waiters) if (waiter.shardId === fenced) waiter.reject(error);
    const sources = flight.sources.filter((source) => source.shardId !== fenced);
    this.inFlight = { sources, waiters: stay, isSmall: flight.isSmall };
    this.write(rest);
  }

  private finish(error: Error | undefined): void {
    const flight = this.inFlight as Flight;
    this.inFlight = undefined;
    if (this.writingSinceMs !== 0) {
      const nowMs = this.clock.nowMs();
      this.moments.stir(nowMs);
      this.chores.committed();
      this.metrics.commit.latency.record(nowMs - this.writingSinceMs);
      this.writingSinceMs = 0;
      if (error !== undefined) this.metrics.commit.errors.add();
    }
    if (error === undefined) {
      let hasSent = false;
      for (const source of flight.sources) if (source.sendCommitted()) hasSent = true;
      // Other threads go on with it while this one does the rest. Beside a database a second wake-up of theirs costs more than that is worth.
      if (hasSent && flight.isSmall && this.storeBlocks) this.flushMessages();
      for (const waiter of flight.waiters) waiter.resolve();
      for (const source of flight.sources) source.committed();
    } else {
      for (const source of flight.sources) source.commitFailed(error);
      for (const waiter of flight.waiters) waiter.reject(error);
    }
    this.letCatchUp();
    if (this.dirty.size !== 0) {
      this.schedule();
    } else if (this.idle.length !== 0 && !this.scheduled) {
      const idle = this.idle;
      this.idle = [];
      for (const resolve of idle) resolve();
    }
  }
}
