// ExecutionStore over a backend with a journal. A commit of one small change is written as one entry, which is a row instead of eight, and
// answered; the tables get it together with others, folded, in the transaction that takes the entries away. What it answers is the same as
// the tables would: reads of what is not there yet make them catch up first. docs/decisions/0015-journal.md. History thread.

import { caught, type MaybePromise, whenReady } from '../../base/maybe-promise.ts';
import type {
  BranchRow,
  CurrentExecutionRow,
  ExecutionKey,
  ExecutionMutation,
  ExecutionStore,
  HistoryPage,
  LoadedExecution,
  ReadHistory,
  ShardCommit,
  StoredTask,
  TaskCategory,
  TaskKey,
  WorkflowKey,
} from '../execution-store.ts';
import { currentDiffers, runExists } from '../folded-commit.ts';
import { ShardFencedError, StoreUnavailableError } from '../store-errors.ts';
import { Backlog, type BacklogEntry, type ChangedKeys, changedKeys, workflowKeyOf } from './backlog.ts';
import type { AppliedEntries, EntryConditions, JournalBackend } from './journal-backend.ts';
import { EntriesTakenError } from './journal-backend.ts';
import { commitOfEntry, contentsOf, encodeEntry } from './journal-entry.ts';

/** A larger change goes to the tables at once: an entry must fit on a page of the database. */
const MAX_ENTRY_BYTES = 6 * 1024;
/** Changes of a batch, over all shards. Of more the tables fold enough by themselves. */
const MAX_CHANGES_AT_ONCE = 4;
/** With what 16 shards acknowledge in one round: in the tables that would have to take all entries of these shards along. */
const MAX_ENTRIES_AT_ONCE = 24;

export interface JournalOptions {
  /** Entries from which on a commit goes to the tables and takes the backlog along, because nobody made them catch up. */
  readonly maxBacklog: number;
}

export class JournaledExecutionStore implements ExecutionStore {
  readonly #backend: JournalBackend;
  readonly #maxBacklog: number;
  readonly #waiting = new Backlog();
  readonly listCurrentKeys: ExecutionStore['listCurrentKeys'];
  /** Range ids that this store has acquired, by shard. */
  readonly #rangeIds = new Map<number, number>();
  #lastSequence = 0;
  /** Calls of catchUp(): the age of entries. */
  #round = 0;
  /** The transaction that brings the tables up to date, while there is one. Does not fail. */
  #writing: Promise<void> | undefined;
  #isClosed = false;

  constructor(backend: JournalBackend, { maxBacklog }: JournalOptions) {
    this.#backend = backend;
    this.#maxBacklog = maxBacklog;
    if (backend.listCurrentKeys !== undefined) this.listCurrentKeys = this.#listCurrentKeys;
  }

  get backlog(): number {
    return this.#waiting.length;
  }

  catchUp(rounds = 0): MaybePromise<void> {
    const youngest = this.#round++ - rounds;
    return this.#commitWith([], () => this.#waiting.entries.filter(({ round }) => round <= youngest));
  }

  /** Entries that are left, of whatever owner, reach the tables first. */
  acquireShard(shardId: number, owner: string): ReturnType<ExecutionStore['acquireShard']> {
    return whenReady(this.#backend.acquireShard(shardId, owner), (acquired) => {
      this.#rangeIds.set(shardId, acquired.rangeId);
      this.#waiting.remove(new Set(this.#waiting.ofShard(shardId))); // read again with those of others
      return whenReady(this.#backend.readJournal(shardId), ({ entries, shardInfo }) => {
        // Not the info of the answer: the owner before us may have brought a later one to the tables meanwhile.
        if (entries.length === 0) return { ...acquired, shardInfo };
        const commits = entries.map((entry) => ({ ...commitOfEntry(entry), rangeId: acquired.rangeId }));
        const last = commits.findLast((commit) => commit.shardInfo !== undefined);
        const known = { ...acquired, shardInfo: last?.shardInfo ?? shardInfo };
        return caught(
          () => whenReady(this.#backend.commit([], { entries, commits }), () => known),
          // The owner before us was about to do the same: what it wrote has to be read.
          (error) => {
            if (error instanceof EntriesTakenError) return this.acquireShard(shardId, owner);
            throw error;
          },
        );
      });
    });
  }

  commit(batch: readonly ShardCommit[]): MaybePromise<void> {
    if (batch.length === 0) return;
    const entries = this.#waiting.length < this.#maxBacklog ? this.#entriesOf(batch) : undefined;
    if (entries === undefined) return this.#commitWith(batch, () => this.#entriesBefore(batch));
    return whenReady(this.#backend.appendEntries(entries), () => {
      for (const entry of entries) {
        // What was written before the shard was acquired anew has been read with the entries that were left.
        if ((this.#rangeIds.get(entry.shardId) ?? entry.rangeId) <= entry.rangeId) this.#waiting.add(entry);
      }
    });
  }

  loadExecution(key: ExecutionKey): MaybePromise<LoadedExecution | undefined> {
    const { shardId, namespaceId, workflowId } = key;
    return this.#ofWorkflow(shardId, namespaceId, workflowId, () => this.#backend.loadExecution(key));
  }

  loadCurrent(shardId: number, namespaceId: string, workflowId: string): MaybePromise<CurrentExecutionRow | undefined> {
    const load = () => this.#backend.loadCurrent(shardId, namespaceId, workflowId);
    return this.#ofWorkflow(shardId, namespaceId, workflowId, load);
  }

  readHistory(request: ReadHistory): MaybePromise<HistoryPage> {
    return this.#ofTree(request.shardId, request.treeId, () => this.#backend.readHistory(request));
  }

  listBranches(shardId: number, treeId: string): MaybePromise<readonly BranchRow[]> {
    return this.#ofTree(shardId, treeId, () => this.#backend.listBranches(shardId, treeId));
  }

  readTasks(
    shardId: number,
    category: TaskCategory,
    from: TaskKey,
    to: TaskKey,
    limit: number,
  ): MaybePromise<readonly StoredTask[]> {
    return this.#ofShard(shardId, () => this.#backend.readTasks(shardId, category, from, to, limit));
  }

  listExecutions(shardId: number, afterKey: string, limit: number) {
    return this.#ofShard(shardId, () => this.#backend.listExecutions(shardId, afterKey, limit));
  }

  /** A store that is closed in peace leaves no entries. */
  close(): MaybePromise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const close = () => this.#backend.close();
    try {
      const caughtUp = this.catchUp();
      return caughtUp instanceof Promise ? caughtUp.then(close, close) : close();
    } catch {
      return close(); // whoever opens the shards next catches up
    }
  }

  #listCurrentKeys(shardId: number, after: WorkflowKey | undefined, limit: number) {
    return this.#ofShard(shardId, () => this.#backend.listCurrentKeys!(shardId, after, limit));
  }

  #ofWorkflow<T>(shardId: number, namespaceId: string, workflowId: string, read: () => MaybePromise<T>) {
    const workflow = workflowKeyOf(shardId, namespaceId, workflowId);
    return this.#after(() => this.#waiting.ofWorkflow(workflow), read);
  }

  /** A tree has runs of one workflow, whose entries come together. */
  #ofTree<T>(shardId: number, treeId: string, read: () => MaybePromise<T>): MaybePromise<T> {
    return this.#after(() => this.#waiting.ofTree(shardId, treeId), read);
  }

  #ofShard<T>(shardId: number, read: () => MaybePromise<T>): MaybePromise<T> {
    return this.#after(() => this.#waiting.ofShard(shardId), read);
  }

  /** Reads when these entries are in the tables. */
  #after<T>(entriesOf: () => readonly BacklogEntry[], read: () => MaybePromise<T>): MaybePromise<T> {
    return entriesOf().length === 0 ? read() : whenReady(this.#commitWith([], entriesOf), read);
  }

  /** What must be in the tables for the batch to find them as it expects them. */
  #entriesBefore(batch: readonly ShardCommit[]): readonly BacklogEntry[] {
    if (this.#waiting.length === 0) return [];
    if (this.#waiting.length >= this.#maxBacklog) return this.#waiting.entries.slice();
    const before = new Set<BacklogEntry>();
    for (const { shardId, executions, shardInfo, taskDeletes } of batch) {
      const isOfShard = shardInfo !== undefined || taskDeletes.length > 0;
      if (isOfShard) for (const entry of this.#waiting.ofShard(shardId)) before.add(entry);
      for (const { namespaceId, workflowId } of executions) {
        const workflow = workflowKeyOf(shardId, namespaceId, workflowId);
        for (const entry of this.#waiting.ofWorkflow(workflow)) before.add(entry);
      }
    }
    return this.#waiting.entries.filter((entry) => before.has(entry));
  }

  /** Undefined for a batch that is not for the journal: large, one that deletes, or with changes that depend on each other. */
  #entriesOf(batch: readonly ShardCommit[]): BacklogEntry[] | undefined {
    const entries: BacklogEntry[] = [];
    const workflows = new Set<string>();
    if (batch.reduce((sum, { executions }) => sum + executions.length, 0) > MAX_CHANGES_AT_ONCE) return undefined;
    for (const commit of batch) {
      const { shardId, rangeId } = commit;
      const contents = contentsOf(commit);
      if (contents === undefined || entries.length + contents.length > MAX_ENTRIES_AT_ONCE) return undefined;
      // Without content it is a question: whether the shard is still owned.
      if (contents.length === 0) return undefined;
      for (const content of contents) {
        const { change } = content;
        const keys = change && changedKeys(shardId, change);
        if (keys !== undefined && workflows.size === workflows.add(keys.workflow).size) return undefined;
        const data = encodeEntry(content);
        if (data.length > MAX_ENTRY_BYTES) return undefined;
        const conditions = change && this.#conditionsOf(change, keys as ChangedKeys);
        const position = { shardId, rangeId, sequence: ++this.#lastSequence };
        entries.push({ ...position, data, conditions, keys, taskDeletes: content.taskDeletes, round: this.#round });
      }
    }
    return entries;
  }

  /** What the backlog knows is decided here, the rest is for the tables. */
  #conditionsOf(change: ExecutionMutation, keys: ChangedKeys): EntryConditions {
    const { namespaceId, workflowId, runId, kind, current } = change;
    const key = { namespaceId, workflowId, runId };
    const isThere = this.#waiting.hasRun(keys);
    if (isThere && kind === 'create') throw runExists(key);
    const actualRunId = current && this.#waiting.currentRunOf(keys.workflow);
    if (current !== undefined && actualRunId !== undefined && actualRunId !== current.expectedRunId) {
      throw currentDiffers(workflowId, current.expectedRunId, actualRunId);
    }
    return {
      key,
      run: isThere ? undefined : kind === 'create' ? 'absent' : 'present',
      currentRunId: actualRunId === undefined ? current?.expectedRunId : undefined,
    };
  }

  /** Brings entries to the tables, and the batch behind them; one such transaction at a time. */
  #commitWith(batch: readonly ShardCommit[], entriesOf: () => readonly BacklogEntry[]): MaybePromise<void> {
    const again = () => this.#commitWith(batch, entriesOf);
    if (this.#writing !== undefined) return this.#writing.then(again);
    const lost = batch.find(({ shardId, rangeId }) => rangeId !== (this.#rangeIds.get(shardId) ?? rangeId));
    if (lost !== undefined) throw new ShardFencedError(lost.shardId, lost.rangeId);
    const entries = [...entriesOf()]; // as it is now: others are written while these are on their way
    if (entries.length === 0) return batch.length === 0 ? undefined : this.#backend.commit(batch);
    return this.#exclusively(
      () => this.#backend.commit(batch, this.#applied(entries)),
      () => this.#waiting.remove(new Set(entries)),
      (error) => {
        if (error instanceof EntriesTakenError) return whenReady(this.#lookAtJournal(entries), again);
        throw error;
      },
    );
  }

  #applied(entries: readonly BacklogEntry[]): AppliedEntries {
    const acknowledgements = this.#waiting.entries.filter(({ taskDeletes }) => taskDeletes.length > 0);
    const doneBehind = ({ shardId, sequence }: BacklogEntry) =>
      acknowledgements
        .filter((behind) => behind.shardId === shardId && behind.sequence > sequence)
        .flatMap(({ taskDeletes }) => taskDeletes);
    return { entries, commits: entries.map((entry) => commitOfEntry(entry, doneBehind(entry))) };
  }

  /** An attempt takes entries to the tables as a whole: what is not in the journal any more has arrived. */
  #lookAtJournal(entries: readonly BacklogEntry[]): MaybePromise<void> {
    const [shardId] = new Set(entries.map((entry) => entry.shardId));
    const ofShard = entries.filter((entry) => entry.shardId === shardId);
    if (shardId === undefined) throw new StoreUnavailableError('a journal changes while nobody writes it');
    return this.#exclusively(
      () => this.#backend.readJournal(shardId),
      (left) => {
        const places = new Set(left.entries.map(({ rangeId, sequence }) => `${rangeId}/${sequence}`));
        const gone = ofShard.filter(({ rangeId, sequence }) => !places.has(`${rangeId}/${sequence}`));
        this.#waiting.remove(new Set(gone));
        if (gone.length > 0) return undefined;
        return this.#lookAtJournal(entries.filter((entry) => entry.shardId !== shardId));
      },
      (error) => {
        throw error;
      },
    );
  }

  /** Others wait until it is settled. */
  #exclusively<T>(
    write: () => MaybePromise<T>,
    done: (value: T) => MaybePromise<void>,
    failed: (error: Error) => MaybePromise<void>,
  ): MaybePromise<void> {
    const settled = caught(
      () =>
        whenReady(write(), (value) => {
          this.#writing = undefined;
          return done(value);
        }),
      (error) => {
        this.#writing = undefined;
        return failed(error);
      },
    );
    if (settled instanceof Promise) this.#writing = settled.catch(() => {});
    return settled;
  }
}
