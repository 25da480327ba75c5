// Which threads there are and what each answers for. Fixed for the life of the process; every thread has the same one.

export type ThreadRole = 'main' | 'history' | 'matching' | 'worker';

/** Of the threads that are started by the main one. */
export type SpawnedRole = Exclude<ThreadRole, 'main'>;

export interface ThreadDescription {
  /** Index of the thread: its bell, its place in the link table. Main is 0. */
  readonly thread: number;
  /** For logs and metrics: main, history-1, matching, worker. */
  readonly name: string;
  readonly role: ThreadRole;
}

export interface Topology {
  readonly threads: readonly ThreadDescription[];
  readonly shardCount: number;
  /** Parts of the embedded store; each belongs to one history thread. On shared databases as many as history threads. */
  readonly storePartitions: number;
}

export interface TopologyOptions {
  readonly historyThreads: number;
  readonly shardCount: number;
  readonly storePartitions: number;
}

export function planTopology(options: TopologyOptions): Topology {
  const threads: ThreadDescription[] = [{ thread: 0, name: 'main', role: 'main' }];
  const add = (name: string, role: ThreadRole) => threads.push({ thread: threads.length, name, role });
  const historyThreads = Math.max(1, Math.min(options.historyThreads, options.storePartitions, options.shardCount));
  for (let index = 0; index < historyThreads; index++) add(`history-${index + 1}`, 'history');
  add('matching', 'matching');
  add('worker', 'worker');
  return { threads, shardCount: options.shardCount, storePartitions: options.storePartitions };
}

export function threadsOf(topology: Topology, role: ThreadRole): readonly ThreadDescription[] {
  return topology.threads.filter((thread) => thread.role === role);
}

/** The part of the store that holds a shard. Stored data depends on it: never changes for a given number of partitions. */
export function partitionOfShard(topology: Topology, shardId: number): number {
  return (shardId - 1) % topology.storePartitions;
}

export interface OwnedPartition {
  readonly partition: number;
  readonly shardIds: readonly number[];
}

/** What one history thread owns. With more partitions than threads (the machine has become smaller) some own several. */
export function partitionsOfThread(topology: Topology, thread: number): readonly OwnedPartition[] {
  const history = threadsOf(topology, 'history');
  const index = history.findIndex((description) => description.thread === thread);
  const owned: OwnedPartition[] = [];
  for (let partition = index; partition < topology.storePartitions; partition += history.length) {
    const shardIds: number[] = [];
    for (let shardId = partition + 1; shardId <= topology.shardCount; shardId += topology.storePartitions) {
      shardIds.push(shardId);
    }
    owned.push({ partition, shardIds });
  }
  return owned;
}
