// One history shard: the only writer of its workflows. Owns their cache, the current-run rows, the queues and the ids of tasks
// and events; hands what decisions changed to the thread's commit pipeline. History thread; created by ShardHost.

import { randomUUIDv7 } from 'node:crypto';
import type { CurrentExecution } from '#proto/ostinato/persistence/v1';
import { ShardInfo, type ShardTask } from '#proto/ostinato/persistence/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { invariant } from '../../base/invariant.ts';
import type { MaybePromise } from '../../base/maybe-promise.ts';
import { caught, whenReady } from '../../base/maybe-promise.ts';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import type { Logger } from '../../metrics/logger.ts';
import type { NamespaceRegistry } from '../../namespace/namespace-registry.ts';
import type { ExecutionMutation, ExecutionStore, ShardCommit } from '../../persistence/index.ts';
import { ShardFencedError, TaskCategory } from '../../persistence/index.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { roundToMicroseconds } from '../../proto/wire.ts';
import type { Clock } from '../../runtime/clock.ts';
import { ActivityExecutions } from '../activity-execution/activity-executions.ts';
import { isUuid } from '../commands/validate/index.ts';
import { runNotFound, shardUnavailable, workflowNotFound } from '../errors.ts';
import { CACHE_MAX_SIZE, EVENTS_CACHE_MAX_BYTES } from '../limits.ts';
import type { HistoryMetrics } from '../metrics.ts';
import type { NewTask, OnTask } from '../queues/queued-task.ts';
import type { TaskExecutor } from '../queues/task-executor.ts';
import { TaskType } from '../queues/task-type.ts';
import { DECISION_RULES } from '../workflow/before-persist.ts';
import { HISTORY_SERVICE, terminateRun } from '../workflow/close.ts';
import type { WorkflowEnvironment } from '../workflow/environment.ts';
import { RunTooLargeError } from '../workflow/run-size.ts';
import { currentRow } from '../workflow/start-run.ts';
import { IMMEDIATE } from '../workflow/update/index.ts';
import type { DecisionMode, Workflow } from '../workflow/workflow.ts';
import { VisibilityChange, Workflow as WorkflowClass } from '../workflow/workflow.ts';
import { addStartToCloseTimeoutTask } from '../workflow/workflow-task.ts';
import { Acknowledgement, readAckLevels } from './acknowledgement.ts';
import type { AcknowledgementRounds } from './acknowledgement-rounds.ts';
import type { CommitPipeline, CommitSource } from './commit-pipeline.ts';
import { CurrentRuns } from './current-runs.ts';
import type { Deletion } from './deletion.ts';
import { deletionOf } from './deletion.ts';
import { KnownWorkflows } from './known-workflows.ts';
import { type Publication, Publications } from './publication.ts';
import { RunCache } from './run-cache.ts';
import { ShardQueues } from './shard-queues.ts';

/** Ids per range: at ten thousand a second they last for twenty days, then the shard takes a new range by reloading. */
const IDS_PER_RANGE = 2 ** 34;

const VISIBILITY_TASK: Readonly<Record<number, number>> = {
  [VisibilityChange.START]: TaskType.VISIBILITY_START,
  [VisibilityChange.UPSERT]: TaskType.VISIBILITY_UPSERT,
  [VisibilityChange.CLOSE]: TaskType.VISIBILITY_CLOSE,
};

export interface ShardDeps {
  readonly store: ExecutionStore;
  readonly pipeline: CommitPipeline;
  readonly acknowledgementRounds: AcknowledgementRounds;
  readonly clock: Clock;
  readonly config: DynamicConfig;
  readonly logger: Logger;
  readonly metrics: HistoryMetrics;
  readonly namespaces: NamespaceRegistry;
  readonly shardCount: number;
  readonly owner: string;
  /** Fresh unique ids; UUIDs unless a simulation replays them. */
  readonly newId?: (() => string) | undefined;
  /** The executors get the shard, so that they need no look-up. */
  readonly executors: {
    readonly transfer: (shard: Shard) => TaskExecutor;
    readonly timer: (shard: Shard) => TaskExecutor;
    readonly visibility: (shard: Shard) => TaskExecutor;
  };
  /** What a transfer task of a commit that is being written may do ahead of it; undefined if it has to wait. */
  readonly startAhead: (shard: Shard, task: ShardTask) => Publication | undefined;
  /** The shard's memory is no longer truth. */
  readonly onLost: (shard: Shard, error: Error) => void;
}

export class Shard implements CommitSource, WorkflowEnvironment {
  readonly shardId: number;
  readonly shardCount: number;
  readonly config: DynamicConfig;
  readonly logger: Logger;
  readonly metrics: HistoryMetrics;
  readonly namespaces: NamespaceRegistry;
  readonly store: ExecutionStore;
  private readonly deps: ShardDeps;
  /** The fencing number of this ownership: every commit carries it (I1). */
  readonly rangeId: number;
  private idsUsed = 0;
  private lost: Error | undefined;

  private readonly runs: RunCache;
  private readonly workflows: KnownWorkflows;
  private readonly currents: CurrentRuns;
  /** Another one with each commit, not emptied: a Set that lives long keeps what was in it from the collector for a while. */
  private dirty = new Set<Workflow>();
  private inFlight: ReadonlySet<Workflow> = new Set();
  private readonly deletions: Deletion[] = [];
  private toPublish: { category: TaskCategory; fireTimeMs: number; task: ShardTask }[] = [];
  private inFlightCallbacks: (() => void)[] = [];
  private readonly publications = new Publications();

  /** Activities without a workflow. */
  readonly activities: ActivityExecutions;
  readonly queues: ShardQueues;
  private readonly acknowledgement: Acknowledgement;

  private constructor(deps: ShardDeps, shardId: number, rangeId: number, info: ShardInfo | undefined) {
    this.deps = deps;
    this.store = deps.store;
    this.shardId = shardId;
    this.shardCount = deps.shardCount;
    this.config = deps.config;
    this.logger = deps.logger;
    this.metrics = deps.metrics;
    this.namespaces = deps.namespaces;
    this.rangeId = rangeId;
    this.runs = new RunCache({
      maxRuns: () => deps.config.get(CACHE_MAX_SIZE),
      maxHistoryBytes: () => deps.config.get(EVENTS_CACHE_MAX_BYTES),
      isBeingWritten: (workflow) => this.hasUnsettled(workflow),
      nowMs: () => deps.clock.nowMs(),
      defer: (callback) => deps.clock.defer(callback),
    });
    this.workflows = new KnownWorkflows({
      shardId,
      store: deps.store,
      clock: deps.clock,
      logger: deps.logger,
      settled: () => this.barrier(),
    });
    this.currents = new CurrentRuns(deps.store, shardId, this.workflows, deps.config);
    this.activities = new ActivityExecutions({
      environment: this,
      store: deps.store,
      workflows: this.workflows,
      namespaces: deps.namespaces,
      assertOwned: () => this.assertOwned(),
      markDirty: () => deps.pipeline.markDirty(this),
      barrier: () => this.barrier(),
      defer: (callback) => deps.clock.defer(callback),
    });
    const done = readAckLevels(info);
    this.queues = new ShardQueues(
      {
        ...{ shardId, store: deps.store, clock: deps.clock, config: deps.config, logger: deps.logger },
        executors: {
          transfer: deps.executors.transfer(this),
          timer: deps.executors.timer(this),
          visibility: deps.executors.visibility(this),
        },
      },
      done,
    );
    this.acknowledgement = new Acknowledgement(
      {
        rounds: deps.acknowledgementRounds,
        queues: this.queues,
        shard: { shardId, rangeId, owner: deps.owner },
        nowMs: () => this.nowMs(),
        commitSoon: () => deps.pipeline.markDirty(this),
      },
      done,
    );
  }

  /** Takes the shard over from whoever had it and resumes what was in flight. */
  static async acquire(deps: ShardDeps, shardId: number): Promise<Shard> {
    const { rangeId, shardInfo } = await deps.store.acquireShard(shardId, deps.owner);
    const shard = new Shard(deps, shardId, rangeId, shardInfo === undefined ? undefined : ShardInfo.decode(shardInfo));
    shard.workflows.start(); // before anything is decided
    shard.queues.start();
    shard.acknowledgement.schedule();
    return shard;
  }

  // -- WorkflowEnvironment

  /** Whole microseconds: what is kept in memory equals what tokens and stores give back. */
  nowMs(): number {
    return roundToMicroseconds(this.deps.clock.nowMs());
  }

  nextTaskId(): number {
    if (++this.idsUsed >= IDS_PER_RANGE)
      this.lose(new Error(`shard ${this.shardId} used up the ids of range ${this.rangeId}`));
    return this.rangeId * IDS_PER_RANGE + this.idsUsed;
  }

  newId(): string {
    if (this.deps.newId !== undefined) return this.deps.newId();
    return randomUUIDv7(); // in order of time: new rows lie together, a start costs SQLite a third (docs/performance.md)
  }

  failoverVersion(namespace: NamespaceRecord): number {
    return namespace.isGlobal ? namespace.failoverVersion : 0;
  }

  // -- Workflows

  /** The run, or the current run when `runId` is empty. Throws Temporal's NOT_FOUND. */
  workflow(namespaceId: string, workflowId: string, runId: string): MaybePromise<Workflow> {
    if (workflowId === '') throw invalidArgument("Can't load workflow execution.  WorkflowId not set.");
    if (runId !== '') return this.run(namespaceId, workflowId, runId);
    return whenReady(this.currentRun(namespaceId, workflowId), (current) => {
      if (current === undefined) throw workflowNotFound(workflowId);
      return this.run(namespaceId, workflowId, current.runId);
    });
  }

  private run(namespaceId: string, workflowId: string, runId: string): MaybePromise<Workflow> {
    return whenReady(this.find(namespaceId, workflowId, runId), (workflow) => {
      if (workflow === undefined && !isUuid(runId)) throw invalidArgument('RunId is not valid UUID.');
      if (workflow === undefined) throw runNotFound(workflowId, runId);
      return workflow;
    });
  }

  find(namespaceId: string, workflowId: string, runId: string): MaybePromise<Workflow | undefined> {
    this.assertOwned();
    const key = { namespaceId, workflowId, runId };
    const cached = this.runs.use(key);
    if (cached !== undefined) {
      if (!(cached instanceof Promise)) cached.namespace = this.namespaces.byId(namespaceId) ?? cached.namespace;
      return cached;
    }
    const loading = whenReady(this.namespaces.resolveId(namespaceId), (namespace) =>
      whenReady(this.deps.store.loadExecution({ shardId: this.shardId, ...key }), (loaded) => {
        this.assertOwned();
        if (loaded === undefined) return undefined;
        const workflow = WorkflowClass.load(this, namespace, loaded);
        this.adopt(workflow);
        return workflow;
      }),
    );
    if (loading instanceof Promise) this.runs.expect(key, loading);
    return loading;
  }

  /** A run that a decision is about to create. */
  adopt(workflow: Workflow): void {
    workflow.rules = DECISION_RULES;
    this.runs.add(workflow);
  }

  /** Whether the run has ended, as far as memory can tell. */
  isKnownEnded(runId: string): boolean {
    return this.runs.isKnownEnded(runId);
  }

  /** Forgets a run's memory, so that the next use loads it: what only memory knew (updates, speculative tasks) is lost. */
  forget(workflow: Workflow): void {
    this.runs.remove(workflow);
    workflow.notifyChanged();
  }

  /** Keeps the run in memory while `work` takes several turns. One that is deleted leaves all the same. */
  async holding<T>({ cached }: Workflow, work: () => Promise<T>): Promise<T> {
    cached.holders++;
    try {
      return await work();
    } finally {
      cached.holders--;
    }
  }

  /** The run if memory holds it. */
  cached(namespaceId: string, workflowId: string, runId: string): Workflow | undefined {
    return this.runs.get({ namespaceId, workflowId, runId });
  }

  get cachedWorkflows(): Iterable<Workflow> {
    return this.runs.runs;
  }

  // -- Current runs

  /** See CurrentRuns.find: who decides by the answer takes it without await if it is there. */
  currentRun(namespaceId: string, workflowId: string): MaybePromise<CurrentExecution | undefined> {
    this.assertOwned();
    return this.currents.find(namespaceId, workflowId);
  }

  /** What memory has of the current run right now: a decision that waited compares it with what it began with. */
  knownCurrent(namespaceId: string, workflowId: string): CurrentExecution | undefined {
    return this.currents.known(namespaceId, workflowId);
  }

  /** Whether another run became the current one after `workflow` was found as such: whoever asked for no run in particular looks again. */
  isReplaced(workflow: Workflow): boolean {
    const known = this.knownCurrent(workflow.namespaceId, workflow.workflowId);
    return known !== undefined && known.runId !== workflow.runId;
  }

  /** The open run's row shows what changed in its state (request ids). */
  refreshCurrent(workflow: Workflow): void {
    this.currents.set(workflow, workflow.runId, currentRow(workflow));
  }

  // -- Decisions and their durability

  /** Decides on a workflow and, unless the decision stays in memory, makes it part of the next commit. Does not wait for it. */
  decide<T>(workflow: Workflow, decision: () => T, mode?: () => DecisionMode): T {
    this.assertOwned();
    // Deleted or evicted while its caller waited for something: the caller looks again.
    if (workflow.discarded) throw shardUnavailable(this.shardId);
    const wasRunning = workflow.isRunning;
    let decided: ReturnType<typeof workflow.decide<T>>;
    try {
      decided = workflow.decide(decision, mode);
    } catch (error) {
      if (error instanceof RunTooLargeError) this.endTooLarge(workflow, error);
      throw error;
    }
    if (decided.mode === 'persist') this.markDirty(workflow);
    // An open run is always the current one, so its end shows in the current-run row: as closed, or as the run that follows.
    // Unless a run that replaces it (reset) has taken the row in the same turn.
    if (wasRunning && !workflow.isRunning) {
      if (!this.isReplaced(workflow)) this.currents.set(workflow, workflow.runId, currentRow(workflow));
      const { status, nextEventId, historySizeBytes } = workflow.state;
      this.metrics.runClosed(workflow.namespace.name, status, { events: nextEventId - 1, bytes: historySizeBytes });
    }
    const successor = workflow.takeSuccessor();
    if (successor !== undefined) this.adoptNewRun(successor, workflow.runId);
    return decided.result;
  }

  /** The decision did not stand: instead, the run ends for having grown too large. */
  private endTooLarge(workflow: Workflow, { message, size }: RunTooLargeError): never {
    const { workflowId, runId } = workflow;
    this.logger.warn({ namespace: workflow.namespace.name, workflowId, runId, ...size }, message);
    workflow.updateRegistry?.workflowClosed(false, IMMEDIATE);
    this.decide(workflow, () => terminateRun(workflow, { reason: message, identity: HISTORY_SERVICE }));
    throw invalidArgument(message);
  }

  /**
   * Creates a run that `decision` begins. `previousRunId` is the current run that it replaces, '' for none; undefined if the run
   * does not become the current one (an imported past).
   */
  create<T>(workflow: Workflow, decision: () => T, previousRunId: string | undefined): T {
    this.assertOwned();
    const known = this.knownCurrent(workflow.namespaceId, workflow.workflowId);
    invariant(
      known === undefined || known.runId === previousRunId,
      `run ${previousRunId} of ${workflow.workflowId} is not the current one`,
    );
    workflow.rules = DECISION_RULES;
    const { result } = workflow.decide(decision);
    this.adoptNewRun(workflow, previousRunId);
    return result;
  }

  private adoptNewRun(workflow: Workflow, previousRunId: string | undefined): void {
    this.adopt(workflow);
    if (previousRunId !== undefined) this.currents.set(workflow, previousRunId, currentRow(workflow));
    this.markDirty(workflow);
  }

  /** Decides, and answers once the decision is durable. */
  async update<T>(workflow: Workflow, decision: () => T, mode?: () => DecisionMode): Promise<T> {
    let result: T;
    try {
      result = this.decide(workflow, decision, mode);
    } catch (error) {
      // The run may have been ended instead, which the error says.
      if (this.hasUnsettled(workflow)) await this.barrier();
      throw error;
    }
    await this.settled(workflow);
    return result;
  }

  /** Follows from a decision of this turn: it goes out with, or right after, the commit that writes it. */
  publishWithCommit(publication: Publication): void {
    this.publications.add(publication);
  }

  markDirty(workflow: Workflow): void {
    this.dirty.add(workflow);
    this.deps.pipeline.markDirty(this);
  }

  /**
   * Removes a closed run for good: state, history, the current-run row if it is this run's, and, by a task, its visibility record.
   * Resolves when that is durable; look-ups of the run wait until then and find nothing.
   */
  async deleteRun(workflow: Workflow): Promise<void> {
    const { namespaceId, workflowId, runId } = workflow;
    let current: CurrentExecution | undefined;
    for (;;) {
      const unsettled = this.settled(workflow);
      if (unsettled !== undefined) {
        await unsettled;
        continue;
      }
      const known = this.currentRun(namespaceId, workflowId);
      if (known instanceof Promise) {
        await known;
        continue;
      }
      current = known;
      break;
    }
    if (workflow.isRunning) return;
    // It has left memory meanwhile, perhaps deleted already: who asks again finds it, or finds it gone.
    if (workflow.discarded) throw shardUnavailable(this.shardId);
    const isCurrent = current?.runId === runId;
    const { version, branches } = workflow;
    const storeKey = { namespaceId, workflowId, runId };
    this.deletions.push(deletionOf({ storeKey, namespaceId, version }, branches, isCurrent, this));
    if (isCurrent) this.currents.forget(namespaceId, workflowId);
    this.deps.pipeline.markDirty(this);
    const gone = this.barrier().then(() => undefined);
    this.runs.remove(workflow);
    this.runs.expect(workflow, gone);
    workflow.updateRegistry?.clear();
    workflow.queries.clear();
    workflow.notifyChanged();
    await gone;
  }

  /** Resolves when what the workflow shows in memory is durable; undefined if it is already. */
  settled(workflow: Workflow): Promise<void> | undefined {
    if (this.lost !== undefined) return Promise.reject(shardUnavailable(this.shardId));
    if (workflow.hasVolatileEvents) this.markVolatileDirty(workflow);
    if (!this.dirty.has(workflow) && !this.inFlight.has(workflow)) return undefined;
    return this.barrier();
  }

  /** Whether memory shows something of the workflow that the store does not have yet, volatile starts aside. */
  hasUnsettled(workflow: Workflow): boolean {
    return this.lost !== undefined || this.dirty.has(workflow) || this.inFlight.has(workflow);
  }

  /** The same for the whole shard; undefined if nothing waits to be written. */
  unsettled(): Promise<void> | undefined {
    const isSettled =
      this.lost === undefined && this.dirty.size === 0 && this.inFlight.size === 0 && this.activities.isSettled;
    return isSettled ? undefined : this.barrier();
  }

  /** Resolves when everything decided so far in this shard is durable. */
  async barrier(): Promise<void> {
    try {
      await this.deps.pipeline.settled(this);
    } catch {
      throw shardUnavailable(this.shardId);
    }
    // A shard that was lost meanwhile has nothing to write any more: that its batch is through says nothing of what it decided.
    if (this.lost !== undefined) throw shardUnavailable(this.shardId);
  }

  /** Started workflow tasks that only memory knows become part of the next commit. */
  writeVolatile(): void {
    for (const workflow of this.cachedWorkflows) {
      // A further attempt has no events before it completes.
      const isVolatile = workflow.hasVolatileEvents || (workflow.volatileStart && workflow.hasStartedWorkflowTask);
      if (isVolatile) this.markVolatileDirty(workflow);
    }
  }

  private markVolatileDirty(workflow: Workflow): void {
    workflow.isDirty = true;
    this.markDirty(workflow);
  }

  // -- CommitSource

  takeCommit(): ShardCommit | undefined {
    if (this.lost !== undefined) return undefined;
    const executions: ExecutionMutation[] = [];
    const acknowledgement = this.acknowledgement.take();
    this.inFlight = this.dirty;
    this.dirty = new Set();
    this.inFlightCallbacks = [];
    this.publications.taken();
    // First: a run that begins in the same commit may take the place in the current-run row that a deletion empties.
    for (const { mutation, task } of this.deletions.splice(0)) {
      executions.push(mutation);
      this.toPublish.push({ category: TaskCategory.VISIBILITY, fireTimeMs: 0, task });
    }
    for (const workflow of this.inFlight) {
      executions.push(this.takeMutation(workflow));
      if (workflow.onceWritten.length !== 0) this.inFlightCallbacks.push(...workflow.onceWritten.splice(0));
    }
    this.activities.takeMutations(executions, this.queues.timers.ackTimeMs, this.noteTask);
    if (executions.length === 0 && acknowledgement === undefined) return undefined;
    return {
      shardId: this.shardId,
      rangeId: this.rangeId,
      executions,
      shardInfo: acknowledgement?.shardInfo,
      taskDeletes: acknowledgement?.taskDeletes ?? [],
    };
  }

  private takeMutation(workflow: Workflow): ExecutionMutation {
    if (workflow.volatileStart && workflow.hasStartedWorkflowTask) addStartToCloseTimeoutTask(workflow);
    const extra: NewTask[] = [];
    const visibilityType = VISIBILITY_TASK[workflow.visibilityChange];
    if (visibilityType !== undefined) {
      extra.push({
        category: TaskCategory.VISIBILITY,
        fireTimeMs: 0,
        task: { type: visibilityType, version: workflow.version },
      });
    }
    const current = this.currents.takeChange(workflow);
    return workflow.takeMutation(current, extra, this.queues.timers.ackTimeMs, this.noteTask);
  }

  private readonly noteTask: OnTask = (category, fireTimeMs, task) => {
    if (category === TaskCategory.TIMER) this.acknowledgement.timerIsInFlight(fireTimeMs);
    this.toPublish.push({ category, fireTimeMs, task });
  };

  sendAhead(): void {
    if (this.lost !== undefined) return;
    for (const { category, task } of this.toPublish) {
      const started = category === TaskCategory.TRANSFER ? this.deps.startAhead(this, task) : undefined;
      if (started !== undefined) this.publications.addTaken(started);
    }
    this.publications.sendAhead();
  }

  sendCommitted(): boolean {
    return this.publications.committed();
  }

  committed(): void {
    const workflows = this.inFlight;
    const tasks = this.toPublish;
    const callbacks = this.inFlightCallbacks;
    this.inFlight = new Set();
    this.currents.committed();
    this.toPublish = [];
    this.acknowledgement.timersHaveLanded();
    this.inFlightCallbacks = [];
    if (tasks.length > 0) this.acknowledgement.schedule(tasks.length);
    for (const { category, fireTimeMs, task } of tasks) this.queues.publish(category, fireTimeMs, task);
    for (const callback of callbacks) callback();
    for (const workflow of workflows) this.runs.written(workflow);
    for (const workflow of workflows) if (workflow.hasObservers) workflow.notifyChanged();
    this.activities.committed();
  }

  commitFailed(error: Error): void {
    this.lose(error);
  }

  /** The shard as the store would have it now. */
  describe(): ShardInfo {
    return ShardInfo.decode(this.acknowledgement.encodeInfo());
  }

  // -- End

  get isLost(): boolean {
    return this.lost !== undefined;
  }

  private assertOwned(): void {
    if (this.lost !== undefined) throw shardUnavailable(this.shardId);
  }

  /** A call that follows from what a later owner did: this one has been replaced and does not know it yet. */
  assertNotReplaced(rangeId: number): void {
    this.assertOwned();
    if (rangeId <= this.rangeId) return;
    this.lose(new ShardFencedError(this.shardId, this.rangeId));
    this.assertOwned();
  }

  /**
   * Asks the store whether the shard is still ours, and throws UNAVAILABLE if not. An owner that was replaced and does not know it yet has
   * not seen what came since; neither have the tables that it reads while the new owner has it in a journal.
   */
  confirmOwned(): MaybePromise<void> {
    const { shardId, rangeId } = this;
    this.assertOwned();
    return caught(
      () => this.store.commit([{ shardId, rangeId, executions: [], taskDeletes: [] }]),
      (error) => {
        if (error instanceof ShardFencedError) this.lose(error);
        throw shardUnavailable(shardId);
      },
    );
  }

  private lose(error: Error): void {
    if (this.lost !== undefined) return;
    this.unload(error);
    this.deps.onLost(this, error);
  }

  /** Stops the queues and forgets everything; what is not durable is gone, nobody was told of it. */
  unload(reason: Error): void {
    if (this.lost !== undefined) return;
    this.lost = reason;
    this.queues.stop();
    this.acknowledgement.stop();
    this.workflows.stop();
    for (const workflow of this.cachedWorkflows) {
      workflow.discarded = true;
      workflow.updateRegistry?.clear();
      workflow.queries.clear();
      workflow.notifyChanged();
    }
    this.publications.failed();
    this.runs.clear();
    this.activities.unload();
    this.currents.clear();
    this.dirty.clear();
  }
}
