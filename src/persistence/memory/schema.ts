// The tables of the memory store, as maps: what sqlite and postgres declare in SQL. Outlives the stores opened over it, so a
// test can crash a server and open its data again.

import type {
  BranchRow,
  CurrentExecutionRow,
  ExecutionKey,
  ExecutionPart,
  HistoryNode,
  StoredTask,
  TaskCategory,
} from '../execution-store.ts';
import type { StoredEntry } from '../journal/journal-backend.ts';
import type { NamespaceRow } from '../metadata-store.ts';
import type { BacklogTask, TaskQueueKey } from '../task-queue-store.ts';

export interface MemoryRun {
  readonly key: ExecutionKey;
  state: Uint8Array;
  readonly parts: Map<string, ExecutionPart>;
}

export interface MemoryTree {
  readonly branches: Map<string, BranchRow>;
  /** By branch id; nodes in ascending order of node id. */
  readonly nodes: Map<string, HistoryNode[]>;
}

export interface MemoryShard {
  rangeId: number;
  owner: string;
  shardInfo: Uint8Array | undefined;
  /** By encodePageKey(). */
  readonly runs: Map<string, MemoryRun>;
  readonly currents: Map<string, CurrentExecutionRow>;
  readonly trees: Map<string, MemoryTree>;
  /** Ascending by (fireTimeMs, taskId). */
  readonly tasks: Map<TaskCategory, StoredTask[]>;
  /** In order of range id, then sequence. */
  readonly journal: StoredEntry[];
}

export interface MemoryTaskQueue {
  readonly namespaceId: string;
  rangeId: number;
  info: Uint8Array | undefined;
  /** Ascending by task id. */
  tasks: BacklogTask[];
}

export interface MemoryDocument {
  readonly data: Uint8Array;
  readonly version: number;
}

export interface MemoryMember {
  readonly hostId: string;
  readonly data: Uint8Array;
  readonly expiresAtMs: number;
}

export interface MemoryTables {
  readonly shards: Map<number, MemoryShard>;
  readonly taskQueues: Map<TaskQueueKey, MemoryTaskQueue>;
  readonly namespaces: Map<string, NamespaceRow>;
  notificationVersion: number;
  readonly documents: Map<string, MemoryDocument>;
  readonly members: Map<string, MemoryMember>;
}

export function createMemoryTables(): MemoryTables {
  return {
    shards: new Map(),
    taskQueues: new Map(),
    namespaces: new Map(),
    notificationVersion: 0,
    documents: new Map(),
    members: new Map(),
  };
}

/** Stored bytes are copies: callers pass views of receive buffers that are used again. */
export function copyBytes(data: Uint8Array): Uint8Array {
  return new Uint8Array(data);
}

/** Index of the first element that is not before the key, by binary search. */
export function lowerBound<T>(sorted: readonly T[], isBefore: (element: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(sorted[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}
