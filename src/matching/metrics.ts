// Matching's metrics, named as in Temporal (common/metrics/metric_defs.go, v1.31). Instruments are made once per partition.

import type { Counter, Gauge, Histogram, Labels, MetricDefinition, Metrics } from '../metrics/metrics.ts';

const counter = (name: string, help: string): MetricDefinition => ({ name, help, kind: 'counter', unit: 'count' });
const latency = (name: string, help: string): MetricDefinition => ({ name, help, kind: 'histogram', unit: 'ms' });
const gauge = (name: string, help: string): MetricDefinition => ({ name, help, kind: 'gauge' });

export const MATCHING_METRICS = {
  syncMatchLatency: latency('syncmatch_latency', 'From AddTask to its answer, for tasks that found a poller at once.'),
  asyncMatchLatency: latency(
    'asyncmatch_latency',
    'From the creation of a task to its start, for tasks from the backlog.',
  ),
  taskDispatchLatency: latency('task_dispatch_latency', 'From the creation of a task to its start.'),
  pollLatency: latency('poll_latency', 'How long polls waited.'),
  pollSuccess: counter('poll_success', 'Polls that were given a task.'),
  pollSuccessSync: counter('poll_success_sync', 'Polls that were given a task that never went to the backlog.'),
  pollTimeouts: counter('poll_timeouts', 'Polls that were answered empty because their time was over.'),
  leaseRequests: counter('lease_requests', 'Leases asked of the store.'),
  leaseFailures: counter('lease_failures', 'Leases that the store failed to give.'),
  conditionFailed: counter('condition_failed_errors', 'Writes refused because another owner has the queue.'),
  respondQueryFailed: counter('respond_query_failed', 'Query answers that nobody waited for.'),
  syncThrottle: counter('sync_throttle_count', 'Tasks refused because too many wait to be stored.'),
  tasksExpired: counter('tasks_expired', 'Tasks dropped because their schedule-to-start timeout had passed.'),
  nonRetryableTasks: counter('non_retryable_tasks', 'Tasks dropped because history cannot start them.'),
  taskRewrites: counter('task_rewrites', 'Tasks offered again because history could not start them.'),
  noPollerTasks: counter('no_poller_tasks', 'Tasks added while no poller had been seen for two minutes.'),
  taskQueueStarted: counter('task_queue_started', 'Partitions loaded.'),
  taskQueueStopped: counter('task_queue_stopped', 'Partitions unloaded.'),
  forwarded: counter('forwarded_per_tl', 'Tasks and polls handled for another partition.'),
  forwardTaskErrors: counter('forward_task_errors', 'Tasks that could not be forwarded.'),
  localToLocal: counter('local_to_local_matches', 'Matches of a task and a poll of this partition.'),
  localToRemote: counter('local_to_remote_matches', 'Matches of a task of this partition and a forwarded poll.'),
  remoteToLocal: counter('remote_to_local_matches', 'Matches of a forwarded task and a poll of this partition.'),
  remoteToRemote: counter('remote_to_remote_matches', 'Matches of a forwarded task and a forwarded poll.'),
  taskWriteLatency: latency('task_write_latency', 'How long a commit of backlog tasks took.'),
  loadedPartitions: gauge('loaded_task_queue_partition_count', 'Partitions in memory.'),
  backlogCount: gauge('approximate_backlog_count', 'Tasks that wait in the backlog.'),
  backlogAge: gauge('approximate_backlog_age_seconds', 'Age of the oldest task in the backlog.'),
} as const satisfies Record<string, MetricDefinition>;

export interface PartitionMetrics {
  readonly syncMatchLatency: Histogram;
  readonly asyncMatchLatency: Histogram;
  readonly taskDispatchLatency: Histogram;
  readonly pollLatency: Histogram;
  readonly pollSuccess: Counter;
  readonly pollSuccessSync: Counter;
  readonly pollTimeouts: Counter;
  readonly leaseRequests: Counter;
  readonly leaseFailures: Counter;
  readonly conditionFailed: Counter;
  readonly syncThrottle: Counter;
  readonly tasksExpired: Counter;
  readonly nonRetryableTasks: Counter;
  readonly taskRewrites: Counter;
  readonly noPollerTasks: Counter;
  readonly forwarded: Counter;
  readonly forwardTaskErrors: Counter;
  readonly localToLocal: Counter;
  readonly localToRemote: Counter;
  readonly remoteToLocal: Counter;
  readonly remoteToRemote: Counter;
  readonly backlogCount: Gauge;
  readonly backlogAge: Gauge;
}

export function partitionMetrics(metrics: Metrics, labels: Labels): PartitionMetrics {
  const count = (definition: MetricDefinition): Counter => metrics.counter(definition, labels);
  const time = (definition: MetricDefinition): Histogram => metrics.histogram(definition, labels);
  const all = MATCHING_METRICS;
  return {
    syncMatchLatency: time(all.syncMatchLatency),
    asyncMatchLatency: time(all.asyncMatchLatency),
    taskDispatchLatency: time(all.taskDispatchLatency),
    pollLatency: time(all.pollLatency),
    pollSuccess: count(all.pollSuccess),
    pollSuccessSync: count(all.pollSuccessSync),
    pollTimeouts: count(all.pollTimeouts),
    leaseRequests: count(all.leaseRequests),
    leaseFailures: count(all.leaseFailures),
    conditionFailed: count(all.conditionFailed),
    syncThrottle: count(all.syncThrottle),
    tasksExpired: count(all.tasksExpired),
    nonRetryableTasks: count(all.nonRetryableTasks),
    taskRewrites: count(all.taskRewrites),
    noPollerTasks: count(all.noPollerTasks),
    forwarded: count(all.forwarded),
    forwardTaskErrors: count(all.forwardTaskErrors),
    localToLocal: count(all.localToLocal),
    localToRemote: count(all.localToRemote),
    remoteToLocal: count(all.remoteToLocal),
    remoteToRemote: count(all.remoteToRemote),
    backlogCount: metrics.gauge(all.backlogCount, labels),
    backlogAge: metrics.gauge(all.backlogAge, labels),
  };
}
