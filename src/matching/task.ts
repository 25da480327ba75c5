// What is matched with polls: workflow and activity tasks, and queries that go to a worker by themselves. Matching thread.

import type { AddTaskRequest, HandOverTaskRequest, PersistedTask } from '#proto/ostinato/matching/v1';
import { PersistedTask as PersistedTaskCodec } from '#proto/ostinato/matching/v1';
import type { Priority } from '#proto/temporal/api/common/v1';
import type { Seal } from '../runtime/seals.ts';
import type { CallContext } from '../runtime/service.ts';
import type { Backlog } from './backlog.ts';
import { DEFAULT_LEVEL, levelOf } from './priority.ts';

/** The AddTask call that waits for its task to be with a poller or durable. */
export interface PendingAdd {
  resolve(response: Uint8Array): void;
  reject(error: Error): void;
}

export class Task {
  readonly kind = 'task';
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly shardId: number;
  /** The shard's when it handed the task over. */
  readonly rangeId: number;
  readonly stamp: number;
  readonly createdMs: number;
  /** When this process got it, from history or from the store. */
  readonly arrivedMs: number;
  /** Infinity: never. */
  readonly expiresAtMs: number;
  readonly level: number;
  readonly priority: Priority | undefined;
  /** Came from another partition, which keeps it durable: this one never stores it. */
  readonly forwarded: boolean;
  add: PendingAdd | undefined = undefined;
  /** Where it is durable; undefined as long as it only passes through memory. */
  backlog: Backlog | undefined = undefined;
  taskId = 0;
  acked = false;
  /** Of all attempts to start it: one that was recorded and whose answer got lost is found again by the next. */
  requestId = '';
  /**
   * Of a start that history has tried by itself. No task's own: a message that arrives twice makes two tasks, of which only one may
   * find that start.
   */
  triedRequestId = '';
  attempts = 0;
  /** Of one that history started by itself and that is not durable yet. */
  seal: Seal | undefined = undefined;

  constructor(source: TaskSource, level: number, forwarded: boolean) {
    this.workflowId = source.workflowId;
    this.runId = source.runId;
    this.scheduledEventId = source.scheduledEventId;
    this.shardId = source.shardId;
    this.rangeId = source.rangeId;
    this.stamp = source.stamp;
    this.createdMs = source.createdMs;
    this.arrivedMs = source.arrivedMs;
    this.expiresAtMs = source.expiresAtMs;
    this.priority = source.priority;
    this.level = level;
    this.forwarded = forwarded;
  }
}

interface TaskSource {
  readonly workflowId: string;
  readonly runId: string;
  readonly scheduledEventId: number;
  readonly shardId: number;
  readonly rangeId: number;
  readonly stamp: number;
  readonly createdMs: number;
  readonly arrivedMs: number;
  readonly expiresAtMs: number;
  readonly priority: Priority | undefined;
}

/** A query waiting for a poller and then for its worker's answer. */
export class QueryTask {
  readonly kind = 'query';
  readonly seal = undefined;
  readonly level = DEFAULT_LEVEL;
  readonly expiresAtMs = Number.POSITIVE_INFINITY;
  readonly forwarded: boolean;
  readonly queryId: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly shardId: number;
  /** Encoded temporal.api.query.v1.WorkflowQuery. */
  readonly query: Uint8Array;
  readonly call: CallContext;
  readonly createdMs: number;

  constructor(fields: {
    queryId: string;
    workflowId: string;
    runId: string;
    shardId: number;
    query: Uint8Array;
    call: CallContext;
    createdMs: number;
    forwarded: boolean;
  }) {
    this.queryId = fields.queryId;
    this.workflowId = fields.workflowId;
    this.runId = fields.runId;
    this.shardId = fields.shardId;
    this.query = fields.query;
    this.call = fields.call;
    this.createdMs = fields.createdMs;
    this.forwarded = fields.forwarded;
  }
}

/**
 * A task that history has started and whose poll was gone when the answer came. Another poll of the queue gets it as it is.
 * Differs: in Temporal such a task runs into its timeout.
 */
export class StartedTask {
  readonly kind = 'started';
  readonly level = DEFAULT_LEVEL;
  /** The rate limit has counted it once. */
  readonly forwarded = true;
  readonly response: Uint8Array;
  readonly expiresAtMs: number;
  /** Only workers of the same version may take it over: history has recorded this one. */
  readonly workerVersion: string;
  readonly seal: Seal | undefined;

  constructor(response: Uint8Array, seal: Seal | undefined, workerVersion: string, expiresAtMs: number) {
    this.response = response;
    this.seal = seal;
    this.workerVersion = workerVersion;
    this.expiresAtMs = expiresAtMs;
  }
}

export type Matchable = Task | QueryTask | StartedTask;

/** A task as history hands it over. */
export function taskFromRequest(request: AddTaskRequest, nowMs: number): Task {
  const timeoutMs = request.scheduleToStartTimeout ?? 0;
  const task = new Task(
    {
      workflowId: request.execution?.workflowId ?? '',
      runId: request.execution?.runId ?? '',
      scheduledEventId: request.scheduledEventId,
      shardId: request.shardId,
      rangeId: request.rangeId,
      stamp: request.stamp,
      createdMs: request.createdTime ?? nowMs,
      arrivedMs: nowMs,
      expiresAtMs: timeoutMs > 0 ? nowMs + timeoutMs : Number.POSITIVE_INFINITY,
      priority: request.priority,
    },
    levelOf(request.priority),
    request.forwardedFrom !== '',
  );
  if (task.forwarded) task.requestId = request.startRequestId;
  else task.triedRequestId = request.startRequestId;
  return task;
}

/** A task that history started by itself: all that is left to do is to count it and to answer its poll. */
export function startedByHistory(request: HandOverTaskRequest, nowMs: number): Task {
  const { createdTime, priority, sealed, sealer, offerId } = request;
  const task = new Task(
    {
      workflowId: '',
      runId: '',
      scheduledEventId: 0,
      shardId: 0,
      rangeId: 0,
      stamp: 0,
      createdMs: createdTime ?? nowMs,
      arrivedMs: nowMs,
      expiresAtMs: Number.POSITIVE_INFINITY,
      priority,
    },
    levelOf(priority),
    false,
  );
  if (sealed) task.seal = { sealer, id: offerId };
  return task;
}

/** A task as it was read back. Its level is that of the backlog it lies in. */
export function taskFromStore(data: Uint8Array, taskId: number, backlog: Backlog, nowMs: number): Task {
  const persisted: PersistedTask = PersistedTaskCodec.decode(data);
  const task = new Task(
    {
      workflowId: persisted.execution?.workflowId ?? '',
      runId: persisted.execution?.runId ?? '',
      scheduledEventId: persisted.scheduledEventId,
      shardId: persisted.shardId,
      rangeId: persisted.rangeId,
      stamp: persisted.stamp,
      createdMs: persisted.createdTime ?? nowMs,
      arrivedMs: nowMs,
      expiresAtMs: persisted.expiryTime ?? Number.POSITIVE_INFINITY,
      priority: persisted.priority,
    },
    backlog.level,
    false,
  );
  task.taskId = taskId;
  task.backlog = backlog;
  return task;
}

export function encodeTask(task: Task): Uint8Array {
  return PersistedTaskCodec.encode({
    execution: task,
    scheduledEventId: task.scheduledEventId,
    createdTime: task.createdMs,
    expiryTime: task.expiresAtMs === Number.POSITIVE_INFINITY ? undefined : task.expiresAtMs,
    shardId: task.shardId,
    rangeId: task.rangeId,
    stamp: task.stamp,
    priority: task.priority,
  });
}
