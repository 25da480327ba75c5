// One run of a workflow in memory: its state, its pending parts, the events that a decision adds and the tasks they imply.
// A decision is synchronous: begin, change, then keep or rollback. What was kept accumulates until the shard's next commit
// takes it as one mutation, so that many decisions of one turn cost one write. History thread; owned by the shard's cache.

import type { ShardTaskInit } from '#proto/ostinato/persistence/v1';
import {
  ActivityInfo,
  ChildExecutionInfo,
  HistoryBranch,
  RequestCancelInfo,
  SignalInfo,
  TimerInfo,
  UpdateInfo,
  WorkflowState,
} from '#proto/ostinato/persistence/v1';
import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { HistoryEventInit } from '#proto/temporal/api/history/v1';
import { History, HistoryEvent } from '#proto/temporal/api/history/v1';
import { InvariantError, invariant } from '../../base/invariant.ts';
import type {
  BranchRow,
  ExecutionMutation,
  HistoryNode,
  LoadedExecution,
  PartChange,
} from '../../persistence/index.ts';
import { PartKind, type TaskCategory } from '../../persistence/index.ts';
import { type NewTask, type OnTask, queueTasks } from '../queues/queued-task.ts';
import type { WorkflowEnvironment } from './environment.ts';
import { EventBuffer } from './event-buffer.ts';
import { type PartRules, PartTable } from './part-table.ts';
import { QueryRegistry } from './query/index.ts';
import type { UpdateRegistry } from './update/index.ts';

/** WorkflowState.state */
export const RunState = Object.freeze({ CREATED: 1, RUNNING: 2, COMPLETED: 3, ZOMBIE: 4 });

/** WorkflowState.workflow_task_type */
export const WorkflowTaskType = Object.freeze({ UNSPECIFIED: 0, NORMAL: 1, SPECULATIVE: 2 });

/** A batch of events that is still at hand in memory, as encoded History. */
export interface TailBatch {
  readonly firstEventId: number;
  /** Exclusive. */
  readonly endEventId: number;
  readonly data: Uint8Array;
}

/** What a run follows in every decision. One object for all runs: closures of a run's own would be old from the start (docs/decisions/0006). */
export interface DecisionRules {
  /** Called at the end of every written decision: size limits, a speculative task made normal. */
  beforePersist(workflow: Workflow): void;
  /** Called before an event that did not come from a workflow task: a speculative task in memory gets its place before it. */
  beforeOutsideEvent(workflow: Workflow): void;
}

/** How a decision ends: written, kept in memory until the next write (a started workflow task, I5), or no event at all. */
export type DecisionMode = 'persist' | 'volatile' | 'memory';

/** Visibility changes of one commit collapse into the highest: started, upserted, closed. */
export const VisibilityChange = Object.freeze({ NONE: 0, START: 1, UPSERT: 2, CLOSE: 3 });

const SIGNAL_REQUESTED_CODEC = { encode: () => Buffer.alloc(0), decode: () => true as const };

const ACTIVITIES: PartRules<number, ActivityInfo> = {
  kind: PartKind.ACTIVITY,
  codec: ActivityInfo,
  parseKey: Number,
  nameOf: (info) => info.activityId,
  uncountedBytes: (info) => (info.input?.length ?? 0) + (info.header?.length ?? 0),
};
const TIMERS: PartRules<string, TimerInfo> = { kind: PartKind.TIMER, codec: TimerInfo, parseKey: String };
const CHILDREN: PartRules<number, ChildExecutionInfo> = {
  kind: PartKind.CHILD,
  codec: ChildExecutionInfo,
  parseKey: Number,
  uncountedBytes: (info) => info.initiated.length + (info.userMetadata?.length ?? 0),
};
const REQUEST_CANCELS: PartRules<number, RequestCancelInfo> = {
  kind: PartKind.REQUEST_CANCEL,
  codec: RequestCancelInfo,
  parseKey: Number,
  uncountedBytes: (info) => info.initiated.length,
};
const SIGNALS: PartRules<number, SignalInfo> = {
  kind: PartKind.SIGNAL,
  codec: SignalInfo,
  parseKey: Number,
  uncountedBytes: (info) => info.initiated.length,
};
const SIGNAL_REQUESTED_IDS: PartRules<string, true> = {
  kind: PartKind.SIGNAL_REQUESTED,
  codec: SIGNAL_REQUESTED_CODEC,
  parseKey: String,
};
const UPDATES: PartRules<string, UpdateInfo> = { kind: PartKind.UPDATE, codec: UpdateInfo, parseKey: String };
const BUFFERED_EVENTS: PartRules<number, HistoryEvent> = {
  kind: PartKind.BUFFERED_EVENTS,
  codec: HistoryEvent,
  parseKey: Number,
};

export class Workflow {
  readonly environment: WorkflowEnvironment;
  readonly namespaceId: string;
  readonly workflowId: string;
  readonly runId: string;
  /** The namespace as the registry has it; refreshed when a handler takes the workflow. */
  namespace: NamespaceRecord;
  state: WorkflowState;

  readonly activities = new PartTable(ACTIVITIES);
  readonly timers = new PartTable(TIMERS);
  readonly children = new PartTable(CHILDREN);
  readonly requestCancels = new PartTable(REQUEST_CANCELS);
  readonly signals = new PartTable(SIGNALS);
  readonly signalRequestedIds = new PartTable(SIGNAL_REQUESTED_IDS);
  readonly updates = new PartTable(UPDATES);
  private readonly buffered = new PartTable(BUFFERED_EVENTS);
  readonly events: EventBuffer;

  readonly queries = new QueryRegistry();
  /** Created on first use: most runs never see an update. */
  updateRegistry: UpdateRegistry | undefined;

  /** The run's first event, once something needed it; it never changes. */
  startedEvent: HistoryEvent | undefined;

  /** A worker tried to close the run and failed on buffered events: no more signals until it succeeds. */
  closeAttempted = false;
  /** The started workflow task is known only here; its timeout timer too. The next commit writes both. */
  volatileStart = false;
  /** The queued task that the pending workflow task came from; while it is outstanding, a crash leads back to the task. */
  workflowTaskTransferId = 0;
  /** Called when the next write of this run is durable. */
  readonly onceWritten: (() => void)[] = [];
  /** The log has said that the run is large. */
  sizeWarned = false;
  /** Set once the run no longer belongs to the cache (deleted, shard unloaded). */
  discarded = false;
  /** Notes of the shard's cache. */
  readonly cached = { historyBytes: 0, isWrittenLately: false, staysUntilMs: 0, holders: 0 };

  /** Recent batches, oldest first, without gaps, ending at the next event. */
  tail: TailBatch[] = [];
  private tailBytes = 0;
  /** Events before it are in the store, or in the commit in flight. */
  private takenEndEventId = 0;

  /** The run that the current decision begins in place of this one (continue-as-new, retry, cron), already decided itself. */
  successor: Workflow | undefined;

  private created: boolean;
  private pendingNodes: HistoryNode[] = [];
  private pendingTasks: NewTask[] = [];
  private newBranches: BranchRow[] = [];
  private visibility: number = VisibilityChange.NONE;
  /** Whether the next commit has something to take. */
  isDirty = false;

  private saved: Saved | undefined;
  private readonly changeListeners = new Map<() => void, boolean>();

  constructor(environment: WorkflowEnvironment, namespace: NamespaceRecord, state: WorkflowState, isStored: boolean) {
    this.environment = environment;
    this.namespace = namespace;
    this.namespaceId = state.namespaceId;
    this.workflowId = state.workflowId;
    this.runId = state.runId;
    this.state = state;
    this.created = isStored;
    this.events = new EventBuffer(this, this.buffered);
  }

  static load(environment: WorkflowEnvironment, namespace: NamespaceRecord, loaded: LoadedExecution): Workflow {
    const workflow = new Workflow(environment, namespace, WorkflowState.decode(loaded.state), true);
    workflow.lastStateBytes = loaded.state.length;
    for (const { kind, key, data } of loaded.parts) workflow.tableOf(kind).load(key, data);
    workflow.events.restore();
    return workflow;
  }

  private tableOf(kind: PartKind): { load(key: string, data: Uint8Array): void } {
    switch (kind) {
      case PartKind.ACTIVITY:
        return this.activities;
      case PartKind.TIMER:
        return this.timers;
      case PartKind.CHILD:
        return this.children;
      case PartKind.REQUEST_CANCEL:
        return this.requestCancels;
      case PartKind.SIGNAL:
        return this.signals;
      case PartKind.SIGNAL_REQUESTED:
        return this.signalRequestedIds;
      case PartKind.UPDATE:
        return this.updates;
      case PartKind.BUFFERED_EVENTS:
        return this.buffered;
      case PartKind.CONTENT:
        throw new InvariantError('a workflow has no contents beside its parts');
    }
  }

  private tables(): readonly PartTable<never, never>[] {
    return [
      this.activities,
      this.timers,
      this.children,
      this.requestCancels,
      this.signals,
      this.signalRequestedIds,
      this.updates,
      this.buffered,
    ] as unknown as readonly PartTable<never, never>[];
  }

  // -- What is known of the run

  get nowMs(): number {
    return this.environment.nowMs();
  }

  get isRunning(): boolean {
    return this.state.state === RunState.CREATED || this.state.state === RunState.RUNNING;
  }

  /** Version for new events. */
  get version(): number {
    return this.environment.failoverVersion(this.namespace);
  }

  get hasPendingWorkflowTask(): boolean {
    return this.state.workflowTaskScheduledEventId !== 0;
  }

  get hasStartedWorkflowTask(): boolean {
    return this.state.workflowTaskScheduledEventId !== 0 && this.state.workflowTaskStartedEventId !== 0;
  }

  /** False until the first workflow task is scheduled. */
  get hadOrHasWorkflowTask(): boolean {
    return (
      this.hasPendingWorkflowTask ||
      this.state.lastCompletedWorkflowTaskStartedEventId !== 0 ||
      this.state.workflowTaskAttempt > 1
    );
  }

  get isStickyEnabled(): boolean {
    return this.state.stickyTaskQueue !== '';
  }

  /** Size of state and parts, in bytes, for the mutable state limit. The state counts as it was last written. */
  get mutableStateBytes(): number {
    let bytes = 0;
    for (const table of this.tables()) {
      table.measure();
      bytes += table.sizeBytes;
    }
    return bytes + this.lastStateBytes;
  }

  /** Not in the store yet. */
  get isNew(): boolean {
    return !this.created;
  }

  /** History in bytes as the current decision found it. */
  get historyBytesBefore(): number {
    return this.saved?.state.historySizeBytes ?? this.state.historySizeBytes;
  }
  private lastStateBytes = 0;

  get branch(): HistoryBranch {
    const histories = this.state.versionHistories;
    const current = histories?.histories[histories.currentIndex];
    invariant(current !== undefined, `run ${this.runId} has no history branch`);
    return HistoryBranch.decode(current.branchToken);
  }

  get branchToken(): Uint8Array {
    const histories = this.state.versionHistories;
    const current = histories?.histories[histories.currentIndex];
    invariant(current !== undefined, `run ${this.runId} has no history branch`);
    return current.branchToken;
  }

  /** Every history branch of the run, as registered. */
  get branches(): BranchRow[] {
    return (this.state.versionHistories?.histories ?? []).map(({ branchToken }) => {
      const { treeId, branchId } = HistoryBranch.decode(branchToken);
      return { treeId, branchId, data: branchToken };
    });
  }

  // -- Decisions

  /**
   * Runs one decision: all of it stands, or, if it throws, nothing of it. Returns what the decision returned. The caller hands
   * the workflow to the shard's commit afterwards, unless `mode` answers 'memory'.
   */
  decide<T>(
    decision: () => T,
    mode: () => DecisionMode = persist,
  ): { readonly result: T; readonly mode: DecisionMode } {
    this.begin();
    try {
      const result = decision();
      const chosen = mode();
      this.finish(chosen);
      return { result, mode: chosen };
    } catch (error) {
      this.rollback();
      throw error;
    }
  }

  private begin(): void {
    invariant(this.saved === undefined, 'decisions do not nest');
    this.saved = {
      state: { ...this.state },
      nodes: this.pendingNodes.length,
      tasks: this.pendingTasks.length,
      branches: this.newBranches.length,
      tail: this.tail.length,
      tailBytes: this.tailBytes,
      visibility: this.visibility,
      closeAttempted: this.closeAttempted,
      volatileStart: this.volatileStart,
      isDirty: this.isDirty,
      events: this.events.save(),
    };
  }

  private finish(mode: DecisionMode): void {
    if (mode === 'persist') {
      this.rules?.beforePersist(this);
      if (!this.hasStartedWorkflowTask) this.events.flushBuffered();
      this.state.lastUpdateTimeMs = Math.trunc(this.nowMs);
      this.isDirty = true;
    }
    if (mode !== 'memory') this.state.stateTransitionCount++;
    this.events.closeBatch();
    for (const table of this.tables()) table.keep();
    this.saved = undefined;
  }

  /** Set by the shard. */
  rules: DecisionRules | undefined;

  private rollback(): void {
    const saved = this.saved;
    invariant(saved !== undefined, 'nothing to roll back');
    this.saved = undefined;
    this.successor = undefined;
    this.state = saved.state;
    this.pendingNodes.length = saved.nodes;
    this.pendingTasks.length = saved.tasks;
    this.newBranches.length = saved.branches;
    this.tail.length = saved.tail;
    this.tailBytes = saved.tailBytes;
    this.visibility = saved.visibility;
    this.closeAttempted = saved.closeAttempted;
    this.volatileStart = saved.volatileStart;
    this.isDirty = saved.isDirty;
    for (const table of this.tables()) table.rollback();
    this.events.restoreSaved(saved.events);
  }

  /** For the shard, once the decision stands. */
  takeSuccessor(): Workflow | undefined {
    const successor = this.successor;
    this.successor = undefined;
    return successor;
  }

  addTask(category: TaskCategory, task: ShardTaskInit, fireTimeMs = 0): void {
    this.pendingTasks.push({ category, fireTimeMs, task });
  }

  markVisibility(change: number): void {
    if (change > this.visibility) this.visibility = change;
  }

  /** A run whose past is another's (reset): its branch, the versions of the events it repeats, and their size. */
  beginOnBranch(
    branch: HistoryBranch,
    items: readonly { readonly eventId: number; readonly version: number }[],
    historySizeBytes: number,
  ): void {
    const branchToken = HistoryBranch.encode(branch);
    this.state.versionHistories = { currentIndex: 0, histories: [{ branchToken, items: [...items] }] };
    this.state.historySizeBytes = historySizeBytes;
    this.addBranch({ treeId: branch.treeId, branchId: branch.branchId, data: branchToken });
  }

  addBranch(branch: BranchRow): void {
    this.newBranches.push(branch);
  }

  /** EventBuffer: a batch is complete. */
  appendBatch(events: readonly HistoryEventInit[]): void {
    const firstEventId = events[0]?.eventId as number;
    const endEventId = (events[events.length - 1]?.eventId as number) + 1;
    const data = History.encode({ events });
    const { treeId, branchId } = this.branch;
    this.pendingNodes.push({ treeId, branchId, nodeId: firstEventId, data });
    this.tail.push({ firstEventId, endEventId, data });
    this.tailBytes += data.length;
    this.state.lastFirstEventId = firstEventId;
    this.state.lastFirstEventTxnId = events[events.length - 1]?.taskId ?? 0;
    this.state.historySizeBytes += data.length;
    this.advanceVersionHistory(endEventId - 1, events[events.length - 1]?.version ?? 0);
  }

  private advanceVersionHistory(eventId: number, version: number): void {
    const histories = this.state.versionHistories;
    invariant(histories !== undefined, 'a run begins with a version history');
    const index = histories.currentIndex;
    const current = histories.histories[index];
    invariant(current !== undefined, 'the current version history exists');
    const items = current.items.slice();
    const last = items[items.length - 1];
    if (last !== undefined && last.version === version) items[items.length - 1] = { eventId, version };
    else items.push({ eventId, version });
    const replaced = histories.histories.slice();
    replaced[index] = { branchToken: current.branchToken, items };
    this.state.versionHistories = { currentIndex: index, histories: replaced };
  }

  /**
   * Gives the oldest batches back, down to `maxBytes`, of those that are in the store: call once what was taken last is durable. Readers
   * go on with the array that they have.
   */
  trimTail(maxBytes: number): void {
    let dropped = 0;
    for (const { endEventId, data } of this.tail) {
      if (this.tailBytes <= maxBytes || endEventId > this.takenEndEventId) break;
      this.tailBytes -= data.length;
      dropped++;
    }
    if (dropped > 0) this.tail = this.tail.slice(dropped);
  }

  /** Bytes of history that this run keeps at hand. */
  get tailSizeBytes(): number {
    return this.tailBytes;
  }

  /** Gives the memory back; readers go to the store. Only when all of it is durable. */
  dropTail(): void {
    this.tail = [];
    this.tailBytes = 0;
  }

  /** Tells a reader which batches it need not read from the store: those from this event on are in `tail`. */
  get tailFirstEventId(): number {
    return this.tail[0]?.firstEventId ?? this.state.nextEventId;
  }

  // -- Commit

  /** A run with a speculative workflow task is stored without it: losing the task in a crash loses nothing. */
  private encodeState(): Uint8Array {
    const state = this.state;
    const stored =
      state.workflowTaskType === WorkflowTaskType.SPECULATIVE
        ? { ...state, workflowTaskScheduledEventId: 0, workflowTaskStartedEventId: 0, workflowTaskType: 0 }
        : state;
    const bytes = WorkflowState.encode(stored);
    this.lastStateBytes = bytes.length;
    return bytes;
  }

  /**
   * Everything kept since the last commit, as one mutation. `current` is filled in by the shard when the run's row changes; timer
   * tasks are not given a time before `earliestTimerMs`, below which the queue may have been deleted already. `onTask` gets each
   * task as it will be published once the mutation is durable.
   */
  takeMutation(
    current: ExecutionMutation['current'],
    extraTasks: readonly NewTask[],
    earliestTimerMs: number,
    onTask: OnTask,
  ): ExecutionMutation {
    const parts: PartChange[] = [];
    for (const table of this.tables()) table.takeChanges(parts);
    const tasks = queueTasks(this, [...this.pendingTasks, ...extraTasks], earliestTimerMs, onTask);
    const mutation: ExecutionMutation = {
      namespaceId: this.namespaceId,
      workflowId: this.workflowId,
      runId: this.runId,
      kind: this.created ? 'update' : 'create',
      state: this.encodeState(),
      parts,
      historyNodes: this.pendingNodes,
      newBranches: this.newBranches,
      deletedBranches: [],
      current,
      tasks,
    };
    this.created = true;
    this.takenEndEventId = this.tail[this.tail.length - 1]?.endEventId ?? 0;
    this.pendingNodes = [];
    this.pendingTasks = [];
    this.newBranches = [];
    this.visibility = VisibilityChange.NONE;
    this.volatileStart = false;
    this.isDirty = false;
    return mutation;
  }

  get visibilityChange(): number {
    return this.visibility;
  }

  /** Events or tasks that only memory has, because their decision was volatile. */
  get hasVolatileEvents(): boolean {
    return !this.isDirty && this.pendingNodes.length !== 0;
  }

  // -- Observers

  /**
   * Called after every durable change; for long polls. Whoever waits for `everyEvent` makes started workflow tasks durable at
   * once, because a start that stays in memory is no change. Returns the unsubscriber.
   */
  onChange(listener: () => void, everyEvent = false): () => void {
    this.changeListeners.set(listener, everyEvent);
    return () => this.changeListeners.delete(listener);
  }

  get hasObservers(): boolean {
    return this.changeListeners.size !== 0;
  }

  get hasEventObservers(): boolean {
    for (const everyEvent of this.changeListeners.values()) if (everyEvent) return true;
    return false;
  }

  notifyChanged(): void {
    for (const listener of [...this.changeListeners.keys()]) listener();
  }
}

interface Saved {
  readonly state: WorkflowState;
  readonly nodes: number;
  readonly tasks: number;
  readonly branches: number;
  readonly tail: number;
  readonly tailBytes: number;
  readonly visibility: number;
  readonly closeAttempted: boolean;
  readonly volatileStart: boolean;
  readonly isDirty: boolean;
  readonly events: ReturnType<EventBuffer['save']>;
}

const persist = (): DecisionMode => 'persist';
