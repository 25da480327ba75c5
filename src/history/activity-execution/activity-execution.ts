// One activity execution in memory: its state, the larger contents beside it, and the tasks that a decision implies. A decision is
// synchronous: all of it stands or nothing. What stands goes out with the shard's next commit. History thread; owned by
// ActivityExecutions.

import type { ShardTaskInit } from '#proto/ostinato/persistence/v1';
import { ActivityExecutionRequest, ActivityExecutionState } from '#proto/ostinato/persistence/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { invariant } from '../../base/invariant.ts';
import type { ExecutionMutation, LoadedExecution, PartChange } from '../../persistence/index.ts';
import { PartKind, TaskCategory } from '../../persistence/index.ts';
import { type NewTask, type OnTask, queueTasks } from '../queues/queued-task.ts';
import { TaskType } from '../queues/task-type.ts';
import type { WorkflowEnvironment } from '../workflow/environment.ts';
import { hasAttemptInProgress, isClosedStage } from './activity-stage.ts';
import { activityStoreKey } from './store-key.ts';

/** Keys of the parts beside the state. */
export type ContentName = 'request' | 'heartbeat' | 'failure' | 'outcome';

interface Saved {
  readonly state: ActivityExecutionState;
  readonly contents: ReadonlyMap<ContentName, Uint8Array>;
  readonly changed: ReadonlySet<ContentName>;
  readonly tasks: number;
  readonly isVisibilityStale: boolean;
}

export class ActivityExecution {
  readonly environment: WorkflowEnvironment;
  /** Where it lies in the store. */
  readonly storeKey: { readonly namespaceId: string; readonly workflowId: string; readonly runId: string };
  /** The namespace as the registry has it; refreshed when the execution is looked up. */
  namespace: NamespaceRecord;
  state: ActivityExecutionState;
  /** Set once the execution no longer belongs to the cache (deleted, shard unloaded). */
  discarded = false;
  /** The cache's notes about it. */
  readonly cached = { bytes: 0, isAmongClosed: false };

  private contents = new Map<ContentName, Uint8Array>();
  private changed = new Set<ContentName>();
  private pendingTasks: NewTask[] = [];
  private isVisibilityStale = false;
  private isStored: boolean;
  private lastStateBytes = 0;
  private saved: Saved | undefined;
  private decodedRequest: ActivityExecutionRequest | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    environment: WorkflowEnvironment,
    namespace: NamespaceRecord,
    state: ActivityExecutionState,
    isStored: boolean,
  ) {
    this.environment = environment;
    this.namespace = namespace;
    this.state = state;
    this.isStored = isStored;
    const { namespaceId, activityId: workflowId, runId } = state;
    this.storeKey = { namespaceId: activityStoreKey(namespaceId), workflowId, runId };
  }

  static load(
    environment: WorkflowEnvironment,
    namespace: NamespaceRecord,
    loaded: LoadedExecution,
  ): ActivityExecution {
    const execution = new ActivityExecution(environment, namespace, ActivityExecutionState.decode(loaded.state), true);
    execution.lastStateBytes = loaded.state.length;
    for (const { key, data } of loaded.parts) execution.contents.set(key as ContentName, data);
    return execution;
  }

  // -- What is known of it

  get namespaceId(): string {
    return this.state.namespaceId;
  }

  get activityId(): string {
    return this.state.activityId;
  }

  get runId(): string {
    return this.state.runId;
  }

  get nowMs(): number {
    return this.environment.nowMs();
  }

  get isOpen(): boolean {
    return !isClosedStage(this.state.stage);
  }

  get hasAttemptInProgress(): boolean {
    return hasAttemptInProgress(this.state.stage);
  }

  /** When the first attempt goes to the task queue. */
  get firstDispatchMs(): number {
    return (this.state.scheduleTime ?? 0) + (this.state.startDelay ?? 0);
  }

  get version(): number {
    return this.environment.failoverVersion(this.namespace);
  }

  get sizeBytes(): number {
    let bytes = this.lastStateBytes;
    for (const content of this.contents.values()) bytes += content.length;
    return bytes;
  }

  content(name: ContentName): Uint8Array | undefined {
    return this.contents.get(name);
  }

  get request(): ActivityExecutionRequest {
    this.decodedRequest ??= ActivityExecutionRequest.decode(this.contents.get('request') ?? Buffer.alloc(0));
    return this.decodedRequest;
  }

  // -- Decisions

  /** All of it stands, or, if it throws, nothing of it. */
  decide<T>(decision: () => T): T {
    invariant(this.saved === undefined, 'decisions do not nest');
    this.saved = {
      state: this.state,
      contents: new Map(this.contents),
      changed: new Set(this.changed),
      tasks: this.pendingTasks.length,
      isVisibilityStale: this.isVisibilityStale,
    };
    this.state = { ...this.state };
    try {
      const result = decision();
      this.state.stateTransitionCount++;
      return result;
    } catch (error) {
      this.rollback(this.saved);
      throw error;
    } finally {
      this.saved = undefined;
    }
  }

  private rollback(saved: Saved): void {
    this.state = saved.state;
    this.contents = new Map(saved.contents);
    this.changed = new Set(saved.changed);
    this.pendingTasks.length = saved.tasks;
    this.isVisibilityStale = saved.isVisibilityStale;
    this.decodedRequest = undefined;
  }

  /** Undefined takes it away. */
  setContent(name: ContentName, data: Uint8Array | undefined): void {
    if (data === undefined && !this.contents.has(name)) return;
    // Requests are views of what came over the wire.
    if (data === undefined) this.contents.delete(name);
    else this.contents.set(name, Uint8Array.prototype.slice.call(data));
    this.changed.add(name);
    if (name === 'request') this.decodedRequest = undefined;
  }

  addTask(category: TaskCategory, task: ShardTaskInit, fireTimeMs = 0): void {
    this.pendingTasks.push({ category, fireTimeMs, task: { ...task, version: this.version } });
  }

  /** What lists show of it has changed. */
  markVisibility(): void {
    this.isVisibilityStale = true;
  }

  // -- Commit

  /** Everything decided since the last commit, as one write. Timers get no time before `earliestTimerMs`. */
  takeMutation(current: ExecutionMutation['current'], earliestTimerMs: number, onTask: OnTask): ExecutionMutation {
    if (this.isVisibilityStale) this.addTask(TaskCategory.VISIBILITY, { type: TaskType.VISIBILITY_ACTIVITY_EXECUTION });
    const { namespaceId, environment, storeKey } = this;
    const owner = { namespaceId, workflowId: storeKey.workflowId, runId: storeKey.runId, environment };
    const tasks = queueTasks(owner, this.pendingTasks, earliestTimerMs, onTask);
    const state = ActivityExecutionState.encode(this.state);
    const parts: PartChange[] = [...this.changed].map((name) => ({
      kind: PartKind.CONTENT,
      key: name,
      data: this.contents.get(name) ?? null,
    }));
    const mutation: ExecutionMutation = {
      ...this.storeKey,
      kind: this.isStored ? 'update' : 'create',
      state,
      parts,
      historyNodes: [],
      newBranches: [],
      deletedBranches: [],
      current,
      tasks,
    };
    this.lastStateBytes = state.length;
    this.isStored = true;
    this.pendingTasks = [];
    this.changed = new Set();
    this.isVisibilityStale = false;
    return mutation;
  }

  // -- Observers

  /** Called after every durable change, and when the execution goes; for long polls. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get hasObservers(): boolean {
    return this.listeners.size !== 0;
  }

  notifyChanged(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
