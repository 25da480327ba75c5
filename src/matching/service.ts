// Puts the matching service together: one per matching thread. It owns every task-queue partition whose key is routed here.

import { randomUUID } from 'node:crypto';
import type { DynamicConfig } from '../config/dynamic-config.ts';
import type { Logger } from '../metrics/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { NamespaceRegistry } from '../namespace/namespace-registry.ts';
import type { TaskQueueStore } from '../persistence/task-queue-store.ts';
import { unavailable } from '../proto/service-errors.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Router } from '../runtime/router.ts';
import type { ServiceHandlers } from '../runtime/service.ts';
import type { MatchingMethod } from '../runtime/services.ts';
import { addTask } from './api/add-task.ts';
import { deleteNamespaceQueues } from './api/delete-namespace-queues.ts';
import { describeTaskQueue } from './api/describe-task-queue.ts';
import { describeTaskQueuePartition } from './api/describe-task-queue-partition.ts';
import { handOverTask } from './api/hand-over-task.ts';
import type { HandlerContext } from './api/handler-context.ts';
import { listTaskQueuePartitions } from './api/list-task-queue-partitions.ts';
import { pollActivityTaskQueue } from './api/poll-activity-task-queue.ts';
import { pollWorkflowTaskQueue } from './api/poll-workflow-task-queue.ts';
import { queryWorkflow } from './api/query-workflow.ts';
import { respondQueryTaskCompleted } from './api/respond-query-task-completed.ts';
import { returnPoll } from './api/return-poll.ts';
import { shutdownWorker } from './api/shutdown-worker.ts';
import { updateTaskQueueConfig } from './api/update-task-queue-config.ts';
import { BacklogWriter } from './backlog-writer.ts';
import type { MatchingEnvironment } from './environment.ts';
import { MATCHING_METRICS } from './metrics.ts';
import { OfferedPolls } from './offered-polls.ts';
import { PartitionRegistry } from './partition-registry.ts';
import { PollExpiry } from './poll-expiry.ts';
import { QueryRegistry } from './query-registry.ts';
import { ShutdownWorkers } from './shutdown-workers.ts';

export interface MatchingServiceDeps {
  readonly router: Router;
  readonly store: TaskQueueStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly dynamicConfig: DynamicConfig;
  readonly namespaces: NamespaceRegistry;
  /** Shown as the owner of partitions. */
  readonly hostName: string;
  /** Where polls are offered to the history threads of this process; without it they get no task but through calls. */
  readonly pollBoard?: SharedArrayBuffer | undefined;
  /** Fresh unique ids; UUIDs unless a simulation replays them. */
  readonly newId?: (() => string) | undefined;
}

export interface MatchingService {
  readonly handlers: ServiceHandlers<MatchingMethod>;
  start(): void;
  /** Answers parked polls empty, finishes what is on its way to the store, then resolves. */
  stop(): Promise<void>;
}

export function createMatchingService(deps: MatchingServiceDeps): MatchingService {
  const { store, clock, metrics } = deps;
  const writeLatency = metrics.histogram(MATCHING_METRICS.taskWriteLatency);
  const environment: MatchingEnvironment = {
    ...deps,
    newId: deps.newId ?? randomUUID,
    writer: new BacklogWriter(store, clock, (durationMs) => writeLatency.record(durationMs)),
    queries: new QueryRegistry(),
    expiry: new PollExpiry(clock),
    offers: deps.pollBoard === undefined ? undefined : new OfferedPolls(deps.pollBoard, clock),
  };
  const partitions = new PartitionRegistry(environment);
  const context: HandlerContext = { environment, partitions, shutdownWorkers: new ShutdownWorkers(clock) };
  return {
    handlers: {
      AddWorkflowTask: addTask(context),
      AddActivityTask: addTask(context),
      PollWorkflowTaskQueue: pollWorkflowTaskQueue(context),
      PollActivityTaskQueue: pollActivityTaskQueue(context),
      QueryWorkflow: queryWorkflow(context),
      RespondQueryTaskCompleted: respondQueryTaskCompleted(context),
      DescribeTaskQueue: describeTaskQueue(context),
      ListTaskQueuePartitions: listTaskQueuePartitions(context),
      UpdateTaskQueueConfig: updateTaskQueueConfig(context),
      ShutdownWorker: shutdownWorker(context),
      DeleteNamespaceQueues: deleteNamespaceQueues(context),
      DescribeTaskQueuePartition: describeTaskQueuePartition(context),
      HandOverTask: handOverTask(context),
      ReturnPoll: returnPoll(context),
    },
    // Partitions are loaded when the first call for them comes.
    start() {},
    async stop() {
      partitions.stop();
      environment.queries.failAll(unavailable('matching is shutting down'));
      await environment.writer.settled();
    },
  };
}
