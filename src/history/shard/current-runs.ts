// The current-run rows of a shard, one for each workflow id: which run is, or was last, the workflow's. Memory has what decisions
// have set since the last commit and the rows looked up of late; the row goes into the store with its run's next write. History
// thread.

import type { CurrentExecutionInit } from '#proto/ostinato/persistence/v1';
import { CurrentExecution } from '#proto/ostinato/persistence/v1';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { whenReady } from '../../base/maybe-promise.ts';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import type { CurrentExecutionRow, ExecutionMutation, ExecutionStore } from '../../persistence/index.ts';
import { CACHE_MAX_SIZE } from '../limits.ts';
import { IdMap } from './id-map.ts';
import type { KnownWorkflows } from './known-workflows.ts';

/** Rows in memory, for each run that memory may have (history.cacheMaxSize): they are small, and mostly of runs that have ended. */
const ROWS_PER_RUN = 4;
/** Rows that one call looks at, at most, when many cannot leave. */
const MAX_LOOKED_AT = 100;

/** A run whose write the row goes with: of a workflow, or of an activity under its store key. */
export interface CurrentRunOwner {
  readonly namespaceId: string;
  readonly workflowId: string;
}

interface Change {
  readonly expectedRunId: string;
  readonly row: CurrentExecutionRow | null;
  readonly owner: CurrentRunOwner;
}

interface Entry {
  row: MaybePromise<CurrentExecution | undefined>;
  /** Goes with the next write of its owner. */
  change: Change | undefined;
  /** The commit in flight has its last change: the store may not be asked. */
  isBeingWritten: boolean;
}

export class CurrentRuns {
  readonly #store: ExecutionStore;
  readonly #shardId: number;
  readonly #workflows: KnownWorkflows;
  readonly #config: DynamicConfig;
  readonly #entries = new IdMap<Entry>();
  readonly #beingWritten: Entry[] = [];

  constructor(store: ExecutionStore, shardId: number, workflows: KnownWorkflows, config: DynamicConfig) {
    this.#store = store;
    this.#shardId = shardId;
    this.#workflows = workflows;
    this.#config = config;
  }

  /**
   * Who decides by the answer takes it without await if it is there: by the next turn of the microtask queue another decision may
   * have changed it.
   */
  find(namespaceId: string, workflowId: string): MaybePromise<CurrentExecution | undefined> {
    const entry = this.#entries.get(workflowId, namespaceId);
    if (entry !== undefined) return entry.row;
    if (!this.#workflows.mayHave(namespaceId, workflowId)) return undefined;
    const loading = whenReady(this.#store.loadCurrent(this.#shardId, namespaceId, workflowId), (row) => {
      // A decision may have set it while the store was asked.
      const known = this.#entries.get(workflowId, namespaceId);
      if (known !== undefined && !(known.row instanceof Promise)) return known.row;
      const current = row === undefined ? undefined : CurrentExecution.decode(row.data);
      this.#remember(namespaceId, workflowId, current);
      return current;
    });
    if (loading instanceof Promise) {
      this.#remember(namespaceId, workflowId, loading);
      loading.catch(() => this.#entries.delete(workflowId, namespaceId));
    }
    return loading;
  }

  /** What memory has right now. */
  known(namespaceId: string, workflowId: string): CurrentExecution | undefined {
    const row = this.#entries.get(workflowId, namespaceId)?.row;
    return row instanceof Promise ? undefined : row;
  }

  /** Within a decision's turn: the row that goes with `workflow`'s next write. `previousRunId` '' if there was none. */
  set(workflow: CurrentRunOwner, previousRunId: string, row: CurrentExecutionInit | null): void {
    const stored = row === null ? null : { runId: row.runId ?? '', data: CurrentExecution.encode(row) };
    const current = stored === null ? undefined : CurrentExecution.decode(stored.data);
    this.#workflows.add(workflow.namespaceId, workflow.workflowId);
    const entry = this.#remember(workflow.namespaceId, workflow.workflowId, current);
    const pending = entry.change;
    entry.change = { expectedRunId: pending?.expectedRunId ?? previousRunId, row: stored, owner: workflow };
  }

  /** The workflow has no run any more, as the next commit will show. */
  forget(namespaceId: string, workflowId: string): void {
    this.#remember(namespaceId, workflowId, undefined);
  }

  /** The row's part of the write of `workflow`, if the row changes with it. */
  takeChange(workflow: CurrentRunOwner): ExecutionMutation['current'] {
    const entry = this.#entries.get(workflow.workflowId, workflow.namespaceId);
    if (entry?.change?.owner !== workflow) return undefined;
    const { expectedRunId, row } = entry.change;
    entry.change = undefined;
    entry.isBeingWritten = true;
    this.#beingWritten.push(entry);
    return { expectedRunId, row };
  }

  /** The commit that took changes is durable. */
  committed(): void {
    for (const entry of this.#beingWritten.splice(0)) entry.isBeingWritten = false;
  }

  clear(): void {
    this.#entries.clear();
    this.#beingWritten.length = 0;
  }

  #remember(namespaceId: string, workflowId: string, row: Entry['row']): Entry {
    const known = this.#entries.get(workflowId, namespaceId);
    if (known !== undefined) {
      known.row = row;
      return known;
    }
    const entry: Entry = { row, change: undefined, isBeingWritten: false };
    this.#entries.set(entry, workflowId, namespaceId);
    const maxRows = ROWS_PER_RUN * this.#config.get(CACHE_MAX_SIZE);
    if (this.#entries.size > maxRows) {
      const isEnough = (): boolean => this.#entries.size <= maxRows;
      this.#entries.trim(isEnough, MAX_LOOKED_AT, (other) => {
        return (
          other !== entry && !other.isBeingWritten && other.change === undefined && !(other.row instanceof Promise)
        );
      });
    }
    return entry;
  }
}
