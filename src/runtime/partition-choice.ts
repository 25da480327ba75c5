// How many partitions a task queue has, and which of them a call goes to. Frontend picks for polls and queries, history for
// tasks; matching forwards between them. Temporal: client/matching/loadbalancer.go, v1.31. Any thread.

import { type DynamicConfig, defineSetting, type SettingConstraints } from '../config/dynamic-config.ts';

/**
 * Differs: 4 in Temporal, which spreads a queue over hosts and locks. Here one thread owns all partitions of a process, and a
 * single one keeps tasks in order and spares the forwarding.
 */
const DEFAULT_PARTITIONS = 1;

export const NUM_READ_PARTITIONS = defineSetting<number>({
  key: 'matching.numTaskqueueReadPartitions',
  type: 'int',
  scope: 'taskQueue',
  defaultValue: DEFAULT_PARTITIONS,
});
export const NUM_WRITE_PARTITIONS = defineSetting<number>({
  key: 'matching.numTaskqueueWritePartitions',
  type: 'int',
  scope: 'taskQueue',
  defaultValue: DEFAULT_PARTITIONS,
});

export function readPartitions(dynamicConfig: DynamicConfig, constraints: SettingConstraints): number {
  return Math.max(1, Math.floor(dynamicConfig.get(NUM_READ_PARTITIONS, constraints)));
}

export function writePartitions(dynamicConfig: DynamicConfig, constraints: SettingConstraints): number {
  return Math.max(1, Math.floor(dynamicConfig.get(NUM_WRITE_PARTITIONS, constraints)));
}

/** The partition for a new task or query: any, evenly. `random` is from 0 to below 1. */
export function pickWritePartition(partitions: number, random: () => number): number {
  return partitions === 1 ? 0 : Math.floor(random() * partitions);
}

/** The partition for a poll: the one with the fewest of this caller's polls, so that all have some. */
export class ReadPartitionPicker {
  /** Outstanding polls by partition. Only queues with several partitions are kept, and only while polls are outstanding. */
  readonly #outstanding = new Map<string, number[]>();

  /** `queueKey` names namespace, queue and type. Pair with `release`. */
  pick(queueKey: string, partitions: number): number {
    if (partitions === 1) return 0;
    const counts = this.#outstanding.get(queueKey) ?? [];
    this.#outstanding.set(queueKey, counts);
    let chosen = 0;
    for (let partition = 0; partition < partitions; partition++) {
      counts[partition] ??= 0;
      if (counts[partition]! < counts[chosen]!) chosen = partition;
    }
    counts[chosen]!++;
    return chosen;
  }

  release(queueKey: string, partition: number): void {
    const counts = this.#outstanding.get(queueKey);
    if (counts?.[partition] === undefined) return;
    counts[partition]!--;
    if (counts.every((count) => count <= 0)) this.#outstanding.delete(queueKey);
  }
}
