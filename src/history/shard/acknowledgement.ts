// What of a shard's queues is done (I3): from time to time the next commit takes the levels along and deletes the tasks below
// them. A shard at rest asks nothing of the processor. History thread.

import { ShardInfo } from '#proto/ostinato/persistence/v1';
import type { ShardCommit, TaskKey } from '../../persistence/index.ts';
import { TaskCategory } from '../../persistence/index.ts';
import type { AcknowledgementRounds } from './acknowledgement-rounds.ts';
import type { ShardQueues } from './shard-queues.ts';

/** Everything below is done. */
export interface AckLevels {
  readonly transfer: number;
  readonly visibility: number;
  readonly timer: TaskKey;
}

export function readAckLevels(info: ShardInfo | undefined): AckLevels {
  const levels = info?.queues;
  return {
    transfer: levels?.transferAckLevel ?? 0,
    visibility: levels?.visibilityAckLevel ?? 0,
    timer: { fireTimeMs: levels?.timerAckTimeMs ?? 0, taskId: levels?.timerAckTaskId ?? 0 },
  };
}

export interface AcknowledgementDeps {
  readonly rounds: AcknowledgementRounds;
  readonly queues: ShardQueues;
  readonly shard: { readonly shardId: number; readonly rangeId: number; readonly owner: string };
  readonly nowMs: () => number;
  /** There is something to write although no run changed. */
  readonly commitSoon: () => void;
}

export class Acknowledgement {
  readonly #deps: AcknowledgementDeps;
  #levels: AckLevels;
  #isDue = false;
  #isStopped = false;
  /** The earliest time of the timers in the commit in flight: in the store perhaps, not in the queue yet. */
  #timersInFlightFromMs = Number.POSITIVE_INFINITY;

  constructor(deps: AcknowledgementDeps, levels: AckLevels) {
    this.#deps = deps;
    this.#levels = levels;
  }

  /** Before long there is something to acknowledge. `tasks`: so many of the shard are durable that were not. */
  schedule(tasks = 0): void {
    if (!this.#isStopped) this.#deps.rounds.join(this.#acknowledge, tasks);
  }

  stop(): void {
    this.#isStopped = true;
    this.#deps.rounds.leave(this.#acknowledge);
  }

  timerIsInFlight(fireTimeMs: number): void {
    this.#timersInFlightFromMs = Math.min(this.#timersInFlightFromMs, fireTimeMs);
  }

  /** The timers of the commit in flight are durable and about to be published. */
  timersHaveLanded(): void {
    this.#timersInFlightFromMs = Number.POSITIVE_INFINITY;
  }

  /** Before the timers of the commit get their times, which the level must not exceed. */
  take(): Pick<ShardCommit, 'shardInfo' | 'taskDeletes'> | undefined {
    if (!this.#isDue) return undefined;
    this.#isDue = false;
    const next = this.#currentLevels();
    const previous = this.#levels;
    this.#levels = next;
    this.#deps.queues.timers.hasAcknowledged = false;
    const level = (taskId: number): TaskKey => ({ fireTimeMs: 0, taskId });
    return {
      shardInfo: this.encodeInfo(),
      taskDeletes: [
        { category: TaskCategory.TRANSFER, from: level(previous.transfer), to: level(next.transfer) },
        { category: TaskCategory.VISIBILITY, from: level(previous.visibility), to: level(next.visibility) },
        { category: TaskCategory.TIMER, from: previous.timer, to: next.timer },
      ],
    };
  }

  /** The shard's row as the store would have it now. */
  encodeInfo(): Uint8Array {
    const { transfer, visibility, timer } = this.#levels;
    return ShardInfo.encode({
      ...this.#deps.shard,
      updateTime: this.#deps.nowMs(),
      queues: {
        transferAckLevel: transfer,
        visibilityAckLevel: visibility,
        timerAckTimeMs: timer.fireTimeMs,
        timerAckTaskId: timer.taskId,
      },
    });
  }

  readonly #acknowledge = (): void => {
    this.#isDue = true;
    const { transfer, visibility, timers } = this.#deps.queues;
    const next = this.#currentLevels();
    const moved =
      next.transfer > this.#levels.transfer ||
      next.visibility > this.#levels.visibility ||
      (timers.hasAcknowledged && next.timer.fireTimeMs > this.#levels.timer.fireTimeMs);
    if (moved) this.#deps.commitSoon();
    // Timers write when they fire, and what is written is acknowledged; what hangs in the other queues, or has not been read yet
    // because the store failed, is waited for.
    if (!transfer.isAtRest || !visibility.isAtRest) this.schedule();
  };

  #currentLevels(): AckLevels {
    const { transfer, visibility, timers } = this.#deps.queues;
    return {
      transfer: transfer.ackLevel,
      visibility: visibility.ackLevel,
      timer: timers.ackLevelBelow(this.#timersInFlightFromMs),
    };
  }
}
