// The current-run rows of a shard, one for each workflow id: which run is, or was last, the workflow's. Memory has what decisions
// have set since the last commit and the rows looked up of late; the row goes into the store with its run's next write. History
// thread.

import type { CurrentExecutionInit } from '#proto/ostinato/persistence/v1';
import { CurrentExecution } from '#proto/ostinato/persistence/v1';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { whenReady } from '../../base/maybe-promise.ts';
import type { ExecutionMutation, ExecutionStore } from '../../persistence/index.ts';
import type { Workflow } from '../workflow/workflow.ts';

const MAX_CACHED = 20_000;

interface Change {
  readonly expectedRunId: string;
  readonly row: CurrentExecutionInit | null;
  readonly owner: Workflow;
}

export class CurrentRuns {
  readonly #store: ExecutionStore;
  readonly #shardId: number;
  readonly #rows = new Map<string, MaybePromise<CurrentExecution | undefined>>();
  readonly #changes = new Map<string, Change>();

  constructor(store: ExecutionStore, shardId: number) {
    this.#store = store;
    this.#shardId = shardId;
  }

  /**
   * Who decides by the answer takes it without await if it is there: by the next turn of the microtask queue another decision may
   * have changed it.
   */
  find(namespaceId: string, workflowId: string): MaybePromise<CurrentExecution | undefined> {
    const key = keyOf(namespaceId, workflowId);
    if (this.#rows.has(key)) return this.#rows.get(key);
    const loading = whenReady(this.#store.loadCurrent(this.#shardId, namespaceId, workflowId), (row) => {
      // A decision may have set it while the store was asked.
      const known = this.#rows.get(key);
      if (known !== undefined && !(known instanceof Promise)) return known;
      const current = row === undefined ? undefined : CurrentExecution.decode(row.data);
      this.#remember(key, current);
      return current;
    });
    if (loading instanceof Promise) {
      this.#rows.set(key, loading);
      loading.catch(() => this.#rows.delete(key));
    }
    return loading;
  }

  /** What memory has right now. */
  known(namespaceId: string, workflowId: string): CurrentExecution | undefined {
    const known = this.#rows.get(keyOf(namespaceId, workflowId));
    return known instanceof Promise ? undefined : known;
  }

  /** Within a decision's turn: the row that goes with `workflow`'s next write. `previousRunId` '' if there was none. */
  set(workflow: Workflow, previousRunId: string, row: CurrentExecutionInit | null): void {
    const key = keyOf(workflow.namespaceId, workflow.workflowId);
    const pending = this.#changes.get(key);
    this.#changes.set(key, { expectedRunId: pending?.expectedRunId ?? previousRunId, row, owner: workflow });
    this.#remember(key, row === null ? undefined : CurrentExecution.decode(CurrentExecution.encode(row)));
  }

  /** The workflow has no run any more, as the next commit will show. */
  forget(namespaceId: string, workflowId: string): void {
    this.#remember(keyOf(namespaceId, workflowId), undefined);
  }

  /** The row's part of the write of `workflow`, if the row changes with it. */
  takeChange(workflow: Workflow): ExecutionMutation['current'] {
    const key = keyOf(workflow.namespaceId, workflow.workflowId);
    const change = this.#changes.get(key);
    if (change?.owner !== workflow) return undefined;
    this.#changes.delete(key);
    const { expectedRunId, row } = change;
    return {
      expectedRunId,
      row: row === null ? null : { runId: row.runId ?? '', data: CurrentExecution.encode(row) },
    };
  }

  clear(): void {
    this.#rows.clear();
    this.#changes.clear();
  }

  #remember(key: string, current: CurrentExecution | undefined): void {
    this.#rows.delete(key);
    this.#rows.set(key, current);
    if (this.#rows.size <= MAX_CACHED) return;
    for (const [oldest, value] of this.#rows) {
      if (value instanceof Promise || this.#changes.has(oldest)) continue;
      this.#rows.delete(oldest);
      return;
    }
  }
}

function keyOf(namespaceId: string, workflowId: string): string {
  return `${namespaceId}/${workflowId}`;
}
