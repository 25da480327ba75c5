// History's metrics, with Temporal's names (common/metrics/metric_defs.go, v1.31). Instruments are made once per operation and
// namespace and kept: recording is an addition. History thread.

import {
  TaskQueueTypeNames,
  WorkflowExecutionStatus,
  WorkflowTaskFailedCauseNames,
} from '#proto/temporal/api/enums/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from '../metrics/metrics.ts';
import { ActivityStage } from './activity-execution/activity-stage.ts';
import { TaskType } from './queues/task-type.ts';

const counter = (name: string, help: string): MetricDefinition => ({ name, help, kind: 'counter' });
const latency = (name: string, help: string): MetricDefinition => ({ name, help, kind: 'histogram', unit: 'ms' });
const bytes = (name: string, help: string): MetricDefinition => ({ name, help, kind: 'histogram', unit: 'bytes' });
const count = (name: string, help: string): MetricDefinition => ({ name, help, kind: 'histogram', unit: 'count' });

export const HISTORY_METRICS = {
  serviceRequests: counter('service_requests', 'RPCs received.'),
  serviceLatency: latency('service_latency', 'Time from an RPC to its answer.'),
  serviceErrors: counter('service_errors', 'RPCs that failed for reasons of the server.'),
  serviceErrorWithType: counter('service_error_with_type', 'RPCs that failed, by error type.'),
  persistenceRequests: counter('persistence_requests', 'Operations on the store.'),
  persistenceLatency: latency('persistence_latency', 'How long operations on the store took.'),
  persistenceErrors: counter('persistence_errors', 'Operations that the store failed.'),
  taskRequests: counter('task_requests', 'Queue tasks begun.'),
  taskLatency: latency('task_latency', 'From the creation of a queue task, or its time, to its end.'),
  taskErrors: counter('task_errors', 'Attempts of queue tasks that failed.'),
  scheduleToStart: latency('task_schedule_to_start_latency', 'How long tasks waited for a worker.'),
  historySize: bytes('history_size', 'Bytes of history of runs, when they close.'),
  historyCount: count('history_count', 'Events of runs, when they close.'),
  workflowTaskAttempt: count('workflow_task_attempt', 'Attempts of workflow tasks, when a worker takes them.'),
  activityLife: latency('activity_schedule_to_close_latency', 'How long activities without a workflow lived.'),
  failedWorkflowTasks: counter('failed_workflow_tasks', 'Workflow tasks failed, by cause.'),
  shards: { name: 'numshards_gauge', help: 'Shards of this thread.', kind: 'gauge' } satisfies MetricDefinition,
  commitBatch: count('ostinato_commit_batch_workflows', 'Runs that one commit wrote.'),
} as const;

const CLOSED: Readonly<Record<number, MetricDefinition>> = {
  [WorkflowExecutionStatus.COMPLETED]: counter('workflow_success', 'Runs that completed.'),
  [WorkflowExecutionStatus.FAILED]: counter('workflow_failed', 'Runs that failed.'),
  [WorkflowExecutionStatus.CANCELED]: counter('workflow_cancel', 'Runs that were cancelled.'),
  [WorkflowExecutionStatus.TERMINATED]: counter('workflow_terminate', 'Runs that were terminated.'),
  [WorkflowExecutionStatus.TIMED_OUT]: counter('workflow_timeout', 'Runs that timed out.'),
  [WorkflowExecutionStatus.CONTINUED_AS_NEW]: counter('workflow_continued_as_new', 'Runs that continued as new.'),
};

const ACTIVITY_CLOSED: Readonly<Record<number, MetricDefinition>> = {
  [ActivityStage.COMPLETED]: counter('activity_success', 'Activities without a workflow that completed.'),
  [ActivityStage.FAILED]: counter('activity_fail', 'Activities without a workflow that failed.'),
  [ActivityStage.CANCELED]: counter('activity_cancel', 'Activities without a workflow that were cancelled.'),
  [ActivityStage.TERMINATED]: counter('activity_terminate', 'Activities without a workflow that were terminated.'),
  [ActivityStage.TIMED_OUT]: counter('activity_timeout', 'Activities without a workflow that timed out.'),
};

const TASK_NAMES = new Map<number, string>(Object.entries(TaskType).map(([name, type]) => [type, camel(name)]));
/** Codes that are the server's fault, as Temporal counts them. */
const SERVER_FAULTS: ReadonlySet<number> = new Set([
  GrpcCode.UNKNOWN,
  GrpcCode.INTERNAL,
  GrpcCode.UNAVAILABLE,
  GrpcCode.DATA_LOSS,
]);

interface OperationInstruments {
  readonly requests: Counter;
  readonly latency: Histogram;
  readonly errors: Counter;
}

export class HistoryMetrics {
  private readonly metrics: Metrics;
  private readonly operations = new Map<string, OperationInstruments>();
  private readonly tasks = new Map<number, OperationInstruments>();
  private readonly named = new Map<string, Counter>();
  private readonly waits = new Map<string, Histogram>();
  private readonly attempts = new Map<string, Histogram>();
  private readonly activityLives = new Map<string, Histogram>();
  private readonly historySize: Histogram;
  private readonly historyCount: Histogram;
  readonly commit: OperationInstruments;
  readonly commitBatch: Histogram;
  readonly shards: Gauge;

  constructor(metrics: Metrics) {
    this.metrics = metrics;
    const labels = { service_name: 'history' };
    this.historySize = metrics.histogram(HISTORY_METRICS.historySize, labels);
    this.historyCount = metrics.histogram(HISTORY_METRICS.historyCount, labels);
    this.commitBatch = metrics.histogram(HISTORY_METRICS.commitBatch, labels);
    this.shards = metrics.gauge(HISTORY_METRICS.shards, labels);
    const persistence = { ...labels, operation: 'UpdateWorkflowExecution' };
    this.commit = {
      requests: metrics.counter(HISTORY_METRICS.persistenceRequests, persistence),
      latency: metrics.histogram(HISTORY_METRICS.persistenceLatency, persistence),
      errors: metrics.counter(HISTORY_METRICS.persistenceErrors, persistence),
    };
  }

  operation(method: string): OperationInstruments {
    let found = this.operations.get(method);
    if (found === undefined) {
      const labels = { service_name: 'history', operation: method };
      found = {
        requests: this.metrics.counter(HISTORY_METRICS.serviceRequests, labels),
        latency: this.metrics.histogram(HISTORY_METRICS.serviceLatency, labels),
        errors: this.metrics.counter(HISTORY_METRICS.serviceErrors, labels),
      };
      this.operations.set(method, found);
    }
    return found;
  }

  /** An RPC failed. */
  failed(method: string, error: unknown): void {
    const code = error instanceof ServiceError ? error.code : GrpcCode.UNKNOWN;
    if (SERVER_FAULTS.has(code)) this.operation(method).errors.add();
    this.count(HISTORY_METRICS.serviceErrorWithType, {
      service_name: 'history',
      operation: method,
      error_type: error instanceof ServiceError ? codeName(code) : 'InternalError',
    });
  }

  task(type: number): OperationInstruments {
    let found = this.tasks.get(type);
    if (found === undefined) {
      const labels = { service_name: 'history', task_type: TASK_NAMES.get(type) ?? String(type) };
      found = {
        requests: this.metrics.counter(HISTORY_METRICS.taskRequests, labels),
        latency: this.metrics.histogram(HISTORY_METRICS.taskLatency, labels),
        errors: this.metrics.counter(HISTORY_METRICS.taskErrors, labels),
      };
      this.tasks.set(type, found);
    }
    return found;
  }

  runClosed(namespace: string, status: number, size: { readonly events: number; readonly bytes: number }): void {
    const definition = CLOSED[status];
    if (definition !== undefined) this.count(definition, { service_name: 'history', namespace });
    this.historySize.record(size.bytes);
    this.historyCount.record(size.events);
  }

  /** `lifeMs` since it was scheduled. Terminated ones count as not properly ended: their times say nothing. */
  activityClosed(namespace: string, stage: number, lifeMs: number): void {
    const definition = ACTIVITY_CLOSED[stage];
    if (definition !== undefined) this.count(definition, { service_name: 'history', namespace });
    if (stage === ActivityStage.TERMINATED) return;
    let found = this.activityLives.get(namespace);
    if (found === undefined) {
      found = this.metrics.histogram(HISTORY_METRICS.activityLife, { service_name: 'history', namespace });
      this.activityLives.set(namespace, found);
    }
    found.record(lifeMs);
  }

  workflowTaskStarted(namespace: string, attempt: number): void {
    let found = this.attempts.get(namespace);
    if (found === undefined) {
      found = this.metrics.histogram(HISTORY_METRICS.workflowTaskAttempt, { service_name: 'history', namespace });
      this.attempts.set(namespace, found);
    }
    found.record(attempt);
  }

  workflowTaskFailed(namespace: string, cause: number): void {
    const failure = WorkflowTaskFailedCauseNames.get(cause) ?? String(cause);
    this.count(HISTORY_METRICS.failedWorkflowTasks, { service_name: 'history', namespace, failure });
  }

  /** How long a task waited between its scheduling and the worker that took it. */
  taskStarted(namespace: string, taskQueueType: number, waitedMs: number): void {
    const taskType = TaskQueueTypeNames.get(taskQueueType) ?? '';
    const key = `${taskType}/${namespace}`;
    let found = this.waits.get(key);
    if (found === undefined) {
      found = this.metrics.histogram(HISTORY_METRICS.scheduleToStart, {
        service_name: 'history',
        namespace,
        task_type: taskType,
      });
      this.waits.set(key, found);
    }
    found.record(Math.max(0, waitedMs));
  }

  private count(definition: MetricDefinition, labels: Labels): void {
    const key = `${definition.name}/${Object.values(labels).join('/')}`;
    let found = this.named.get(key);
    if (found === undefined) {
      found = this.metrics.counter(definition, labels);
      this.named.set(key, found);
    }
    found.add();
  }
}

function camel(name: string): string {
  return name
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}

const CODE_NAMES = new Map<number, string>(Object.entries(GrpcCode).map(([name, code]) => [code, camel(name)]));

function codeName(code: number): string {
  return CODE_NAMES.get(code) ?? String(code);
}
