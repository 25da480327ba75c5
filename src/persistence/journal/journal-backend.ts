// What a backend brings so that small commits can go to a journal: entries beside its tables, and commits that take entries away.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import type { ExecutionStore, ShardCommit, WorkflowKey } from '../execution-store.ts';

/** Where an entry stands in its shard's journal: by range id, then by sequence. */
export interface JournalPosition {
  readonly shardId: number;
  /** The range id it was written under. */
  readonly rangeId: number;
  /** Rises with each entry of a range id. */
  readonly sequence: number;
}

export interface StoredEntry extends JournalPosition {
  /** Encoded ostinato.persistence.v1.JournalEntry. */
  readonly data: Uint8Array;
}

/** What the tables must hold for an entry to be written; undefined: nothing, entries before it have decided that. */
export interface EntryConditions {
  readonly key: WorkflowKey & { readonly runId: string };
  readonly run: 'absent' | 'present' | undefined;
  /** The workflow's current run, '' for none. */
  readonly currentRunId: string | undefined;
}

export interface NewEntry extends StoredEntry {
  readonly conditions: EntryConditions | undefined;
}

/** Entries on their way to the tables. */
export interface AppliedEntries {
  readonly entries: readonly JournalPosition[];
  /** What they say, in order. Whoever takes them away writes it, owner or not: their range ids do not count. */
  readonly commits: readonly ShardCommit[];
}

/** As they are at one moment. */
export interface ShardJournal {
  /** In order. */
  readonly entries: readonly StoredEntry[];
  /** What the shard's row has. */
  readonly shardInfo: Uint8Array | undefined;
}

export interface JournalBackend extends ExecutionStore {
  /**
   * As ExecutionStore has it; in the same transaction `applied` goes from the journal to the tables, before the batch. Throws EntriesTakenError
   * when one of the entries is not there. With an empty batch it keeps no commit of these shards waiting.
   */
  commit(batch: readonly ShardCommit[], applied?: AppliedEntries): MaybePromise<void>;
  /** All or none of them; durable when it returns. Throws what commit() throws. */
  appendEntries(entries: readonly NewEntry[]): MaybePromise<void>;
  readJournal(shardId: number): MaybePromise<ShardJournal>;
}

/** Entries have reached the tables by other hands: those of their shard's new owner, or ours in an attempt that nobody answered. */
export class EntriesTakenError extends Error {
  override readonly name = 'EntriesTakenError';
  constructor() {
    super('a journal does not have the entries any more that are to be applied');
  }
}
