// The shards of one history thread: acquired at start, acquired anew after a loss. History thread.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import type { Logger } from '../../metrics/logger.ts';
import { ShardFencedError } from '../../persistence/index.ts';
import type { Clock } from '../../runtime/clock.ts';
import { shardUnavailable } from '../errors.ts';
import type { ShardDeps } from './shard.ts';
import { Shard } from './shard.ts';

/** Pause before a lost shard is taken again; doubled per failure. */
const REACQUIRE_MS = { initial: 100, max: 5_000 };
/** A shard lost again within this time of the last loss waits longer than the time before. */
const LOSSES_IN_A_ROW_MS = 10_000;

export class ShardHost {
  private readonly deps: Omit<ShardDeps, 'onLost'>;
  private readonly shards = new Map<number, MaybePromise<Shard>>();
  private readonly losses = new Map<number, { readonly inARow: number; readonly atMs: number }>();
  private stopped = false;

  constructor(deps: Omit<ShardDeps, 'onLost'>) {
    this.deps = deps;
  }

  private get clock(): Clock {
    return this.deps.clock;
  }

  private get logger(): Logger {
    return this.deps.logger;
  }

  /** Resolves when all are loaded. */
  async start(shardIds: readonly number[]): Promise<void> {
    await Promise.all(shardIds.map((shardId) => this.acquire(shardId)));
  }

  /** Waits for the writes in flight, then lets the shards go. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    // Workers keep what they have started over a restart.
    for (const shard of this.shards.values()) if (shard instanceof Shard) shard.writeVolatile();
    await this.deps.pipeline.drain();
    this.deps.pipeline.stop();
    for (const shard of this.shards.values()) {
      if (shard instanceof Shard) shard.unload(new Error('the server is stopping'));
    }
  }

  /** Throws UNAVAILABLE for a shard that this thread does not have. */
  shard(shardId: number): MaybePromise<Shard> {
    const shard = this.shards.get(shardId);
    if (shard === undefined || this.stopped) throw shardUnavailable(shardId);
    return shard;
  }

  get shardIds(): readonly number[] {
    return [...this.shards.keys()];
  }

  /** Drops a shard's memory and loads it from the store: what only memory knew (updates, speculative tasks) is lost. */
  async reload(shardId: number): Promise<void> {
    const shard = await this.shard(shardId);
    // A worker keeps the task that it has started, as it would with Temporal, where starts are written at once.
    shard.writeVolatile();
    await this.deps.pipeline.drain();
    if (shard.isLost) return;
    shard.unload(new Error('the shard is being reloaded'));
    await this.acquire(shardId);
  }

  private acquire(shardId: number): Promise<void> {
    const acquiring = this.tryAcquire(shardId, REACQUIRE_MS.initial);
    return this.hold(shardId, acquiring);
  }

  /** Whoever asks for the shard waits for it. */
  private hold(shardId: number, acquiring: Promise<Shard>): Promise<void> {
    this.shards.set(shardId, acquiring);
    return acquiring.then((shard) => {
      // Lost again already: then its successor is on its way.
      if (this.shards.get(shardId) === acquiring) this.shards.set(shardId, shard);
    });
  }

  private async tryAcquire(shardId: number, pauseMs: number): Promise<Shard> {
    try {
      return await Shard.acquire({ ...this.deps, onLost: (shard, error) => this.lost(shard, error) }, shardId);
    } catch (error) {
      if (this.stopped) throw error;
      this.logger.error({ err: error, shardId }, 'acquiring the shard failed');
      await new Promise<void>((resolve) => this.clock.after(pauseMs, resolve));
      return this.tryAcquire(shardId, Math.min(pauseMs * 2, REACQUIRE_MS.max));
    }
  }

  private lost(shard: Shard, error: Error): void {
    if (this.stopped) return;
    const { shardId } = shard;
    const pauseMs = this.pauseAfterLoss(shardId, error);
    this.logger.error({ err: error, shardId, pauseMs }, 'shard lost, loading it anew');
    const acquiring = (async () => {
      if (pauseMs > 0) await new Promise<void>((resolve) => this.clock.after(pauseMs, resolve));
      return this.tryAcquire(shardId, REACQUIRE_MS.initial);
    })();
    this.hold(shardId, acquiring).catch((failure: unknown) => {
      if (!this.stopped) this.logger.error({ err: failure, shardId }, 'shard given up');
    });
  }

  /** Two owners that take a shard from each other, or a store that refuses every write, must not keep the thread busy. */
  private pauseAfterLoss(shardId: number, error: Error): number {
    const nowMs = this.clock.nowMs();
    const before = this.losses.get(shardId);
    const inARow = before !== undefined && nowMs - before.atMs < LOSSES_IN_A_ROW_MS ? before.inARow + 1 : 1;
    this.losses.set(shardId, { inARow, atMs: nowMs });
    // The first time, unless somebody else wants the shard, it is only this thread's memory that went wrong.
    if (inARow === 1 && !(error instanceof ShardFencedError)) return 0;
    return Math.min(REACQUIRE_MS.initial * 2 ** (inARow - 1), REACQUIRE_MS.max);
  }
}
