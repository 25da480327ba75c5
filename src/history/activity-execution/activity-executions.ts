// The activity executions of a shard: their cache, their current-run rows, and what of them goes with the shard's next commit.
// Created by Shard, which owns the order of writing; a shard without activities does nothing here. History thread.

import type { CurrentExecution } from '#proto/ostinato/persistence/v1';
import { type MaybePromise, whenReady } from '../../base/maybe-promise.ts';
import type { NamespaceRegistry } from '../../namespace/namespace-registry.ts';
import type { ExecutionMutation, ExecutionStore } from '../../persistence/index.ts';
import { TaskCategory } from '../../persistence/index.ts';
import { shardUnavailable } from '../errors.ts';
import { CACHE_MAX_SIZE } from '../limits.ts';
import type { OnTask } from '../queues/queued-task.ts';
import { CurrentRuns } from '../shard/current-runs.ts';
import { type Deletion, deletionOf } from '../shard/deletion.ts';
import type { KnownWorkflows } from '../shard/known-workflows.ts';
import type { WorkflowEnvironment } from '../workflow/environment.ts';
import { RunState } from '../workflow/workflow.ts';
import { ActivityCache } from './activity-cache.ts';
import { ActivityExecution } from './activity-execution.ts';
import { activityExecutionNotFound } from './errors.ts';
import { activityStoreKey } from './store-key.ts';

export interface ActivityExecutionsDeps {
  readonly environment: WorkflowEnvironment;
  readonly store: ExecutionStore;
  /** The shard's, activities under their store keys. */
  readonly workflows: KnownWorkflows;
  readonly namespaces: NamespaceRegistry;
  /** Throws when the shard's memory is no longer truth. */
  readonly assertOwned: () => void;
  /** The shard has something to write. */
  readonly markDirty: () => void;
  /** Resolves when everything decided so far is durable. */
  readonly barrier: () => Promise<void>;
  /** Calls at the end of this turn. */
  readonly defer: (callback: () => void) => void;
}

export class ActivityExecutions {
  readonly #deps: ActivityExecutionsDeps;
  readonly #currents: CurrentRuns;
  readonly #cache: ActivityCache;
  /** Another one with each commit, see docs/decisions/0006. */
  #dirty = new Set<ActivityExecution>();
  #inFlight: ReadonlySet<ActivityExecution> = new Set();
  #deletions: Deletion[] = [];

  constructor(deps: ActivityExecutionsDeps) {
    this.#deps = deps;
    const { config, shardId } = deps.environment;
    this.#cache = new ActivityCache({
      maxExecutions: () => config.get(CACHE_MAX_SIZE),
      isBeingWritten: (execution) => this.hasUnsettled(execution),
      defer: deps.defer,
    });
    this.#currents = new CurrentRuns(deps.store, shardId, deps.workflows, config);
  }

  // -- Look-ups

  /** The execution, or the current one of the id when `runId` is empty. Throws Temporal's NOT_FOUND. */
  get(namespaceId: string, activityId: string, runId: string): MaybePromise<ActivityExecution> {
    const found = (execution: ActivityExecution | undefined): ActivityExecution => {
      if (execution === undefined) throw activityExecutionNotFound(activityId);
      return execution;
    };
    if (runId !== '') return whenReady(this.find(namespaceId, activityId, runId), found);
    return whenReady(this.currentRun(namespaceId, activityId), (current) =>
      current === undefined ? found(undefined) : whenReady(this.find(namespaceId, activityId, current.runId), found),
    );
  }

  find(namespaceId: string, activityId: string, runId: string): MaybePromise<ActivityExecution | undefined> {
    const { assertOwned, environment, namespaces, store } = this.#deps;
    assertOwned();
    const run = { namespaceId, activityId, runId };
    const known = this.#cache.use(run);
    if (known !== undefined) {
      if (known instanceof ActivityExecution) known.namespace = namespaces.byId(namespaceId) ?? known.namespace;
      return known;
    }
    const key = { shardId: environment.shardId, namespaceId: activityStoreKey(namespaceId), workflowId: activityId };
    const loading = whenReady(namespaces.resolveId(namespaceId), (namespace) =>
      whenReady(store.loadExecution({ ...key, runId }), (loaded) => {
        assertOwned();
        if (loaded === undefined) return undefined;
        const execution = ActivityExecution.load(environment, namespace, loaded);
        this.#cache.add(execution);
        return execution;
      }),
    );
    if (loading instanceof Promise) this.#cache.expect(run, loading);
    return loading;
  }

  /** Who decides by the answer takes it without await if it is there. */
  currentRun(namespaceId: string, activityId: string): MaybePromise<CurrentExecution | undefined> {
    this.#deps.assertOwned();
    return this.#currents.find(activityStoreKey(namespaceId), activityId);
  }

  /** What memory has of the current run right now: a decision that waited compares it with what it began with. */
  knownCurrent(namespaceId: string, activityId: string): CurrentExecution | undefined {
    return this.#currents.known(activityStoreKey(namespaceId), activityId);
  }

  // -- Decisions and their durability

  /** Begins an execution in one decision. `previousRunId` is the closed run that it replaces as the current one, '' for none. */
  create(execution: ActivityExecution, previousRunId: string, decision: () => void): void {
    this.#deps.assertOwned();
    execution.decide(decision);
    this.#setCurrent(execution, previousRunId);
    this.#markDirty(execution);
    this.#cache.add(execution);
  }

  /** Decides, and answers once the decision is durable. */
  async update<T>(execution: ActivityExecution, decision: () => T): Promise<T> {
    this.#deps.assertOwned();
    // Deleted or evicted while its caller waited for something.
    if (execution.discarded) throw shardUnavailable(this.#deps.environment.shardId);
    const wasOpen = execution.isOpen;
    const result = execution.decide(decision);
    if (wasOpen && !execution.isOpen) this.#setCurrent(execution, execution.runId);
    this.#markDirty(execution);
    await this.settled(execution);
    return result;
  }

  /** Resolves when what memory shows of the execution is durable; undefined if it is already. */
  settled(execution: ActivityExecution): Promise<void> | undefined {
    return this.hasUnsettled(execution) ? this.#deps.barrier() : undefined;
  }

  hasUnsettled(execution: ActivityExecution): boolean {
    return this.#dirty.has(execution) || this.#inFlight.has(execution);
  }

  /** Nothing waits to be written. */
  get isSettled(): boolean {
    return this.#dirty.size === 0 && this.#inFlight.size === 0 && this.#deletions.length === 0;
  }

  /** Removes a closed execution for good, and by a task its visibility record. Look-ups wait until that is durable and find nothing. */
  async deleteRun(execution: ActivityExecution): Promise<void> {
    const { namespaceId, activityId, runId } = execution;
    let current: CurrentExecution | undefined;
    for (;;) {
      const unsettled = this.settled(execution);
      if (unsettled !== undefined) {
        await unsettled;
        continue;
      }
      const known = this.currentRun(namespaceId, activityId);
      if (known instanceof Promise) {
        await known;
        continue;
      }
      current = known;
      break;
    }
    if (execution.isOpen) return;
    // It has left memory meanwhile, perhaps deleted already: who asks again finds it, or finds it gone.
    if (execution.discarded) throw shardUnavailable(this.#deps.environment.shardId);
    const isCurrent = current?.runId === runId;
    this.#deletions.push(deletionOf(execution, [], isCurrent, this.#deps.environment));
    if (isCurrent) this.#currents.forget(activityStoreKey(namespaceId), activityId);
    this.#deps.markDirty();
    const gone = this.#deps.barrier().then(() => undefined);
    this.#cache.letGo(execution);
    this.#cache.expect(execution, gone);
    execution.notifyChanged();
    await gone;
  }

  // -- The shard's commit

  /** Adds what changed to a commit. */
  takeMutations(into: ExecutionMutation[], earliestTimerMs: number, onTask: OnTask): void {
    if (this.isSettled) return;
    // First: an execution that begins in the same commit may take the place in the current-run row that a deletion empties.
    for (const { mutation, task } of this.#deletions.splice(0)) {
      into.push(mutation);
      onTask(TaskCategory.VISIBILITY, 0, task);
    }
    this.#inFlight = this.#dirty;
    this.#dirty = new Set();
    for (const execution of this.#inFlight) {
      const current = this.#currents.takeChange(execution.storeKey);
      into.push(execution.takeMutation(current, earliestTimerMs, onTask));
    }
  }

  committed(): void {
    const written = this.#inFlight;
    if (written.size === 0) return;
    this.#inFlight = new Set();
    this.#currents.committed();
    for (const execution of written) {
      this.#cache.written(execution);
      if (execution.hasObservers) execution.notifyChanged();
    }
  }

  /** Forgets everything; what is not durable is gone. */
  unload(): void {
    this.#cache.clear();
    this.#currents.clear();
    this.#dirty.clear();
    this.#inFlight = new Set();
    this.#deletions = [];
  }

  #markDirty(execution: ActivityExecution): void {
    this.#dirty.add(execution);
    this.#deps.markDirty();
  }

  #setCurrent(execution: ActivityExecution, previousRunId: string): void {
    const { state, runId, version, isOpen } = execution;
    this.#currents.set(execution.storeKey, previousRunId, {
      runId,
      createRequestId: state.createRequestId,
      state: isOpen ? RunState.RUNNING : RunState.COMPLETED,
      status: state.stage,
      lastWriteVersion: version,
      startTime: state.scheduleTime,
      closeTime: state.closeTime,
    });
  }
}
