// DescribeTaskQueue, in its plain and in its enhanced mode. The root asks every partition. Temporal: DescribeTaskQueue in
// matching_engine.go, v1.31. Differs: nothing is cached, so that what is shown is true at that moment.

import { type Partition, TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import { BuildIdTaskReachability, DescribeTaskQueueMode, TaskQueueType } from '#proto/temporal/api/enums/v1';
import {
  type PollerInfo,
  TaskQueueConfig,
  type TaskQueueStats,
  type TaskQueueTypeInfo,
} from '#proto/temporal/api/taskqueue/v1';
import {
  DescribeTaskQueueRequest,
  DescribeTaskQueueResponse,
  type DescribeTaskQueueResponseInit,
} from '#proto/temporal/api/workflowservice/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { readPartitions, writePartitions } from '../../runtime/partition-choice.ts';
import type { CallContext, Handler } from '../../runtime/service.ts';
import { partitionKey } from '../../runtime/task-queue-partition.ts';
import { dedupPollers, mergeStats, noStats, taskQueueStatus, UNVERSIONED_INFO } from '../description.ts';
import type { TaskQueuePartition } from '../partition.ts';
import type { HandlerContext } from './handler-context.ts';

/** What all partitions of one task queue and type say together. */
interface QueueDescription {
  readonly pollers: PollerInfo[];
  readonly stats: TaskQueueStats;
  readonly statsByPriorityKey: Map<number, TaskQueueStats>;
}

export function describeTaskQueue(context: HandlerContext): Handler {
  return (bytes, call) => {
    const { partition, request } = TaskQueueApiRequest.decode(bytes);
    if (partition === undefined) throw invalidArgument('task queue partition is not set');
    const describe = DescribeTaskQueueRequest.decode(request);
    if (describe.apiMode === DescribeTaskQueueMode.ENHANCED) {
      return describeEnhanced(context, partition, describe, call);
    }
    return whenReady(context.partitions.get(partition), (found) =>
      describePlain(context, found, partition, describe, call),
    );
  };
}

async function describePlain(
  context: HandlerContext,
  partition: TaskQueuePartition,
  message: Partition,
  request: DescribeTaskQueueRequest,
  call: CallContext,
): Promise<Uint8Array> {
  if (request.reportStats && !partition.isRoot) {
    throw invalidArgument('DescribeTaskQueue stats are only supported for the root partition');
  }
  const whole = request.reportStats ? await describeAll(context, message, message.taskQueueType, call) : undefined;
  const response: DescribeTaskQueueResponseInit = {
    pollers: partition.pollerInfos(),
    taskQueueStatus: request.includeTaskQueueStatus ? taskQueueStatus(partition) : undefined,
    versioningInfo: partition.sticky ? undefined : UNVERSIONED_INFO,
    stats: whole?.stats,
    statsByPriorityKey: whole?.statsByPriorityKey,
    // A queue that was never configured has none.
    config: request.reportConfig && TaskQueueConfig.encode(partition.config).length > 0 ? partition.config : undefined,
    effectiveRateLimit: {
      requestsPerSecond: partition.limiter.effectivePerSecond,
      rateLimitSource: partition.limiter.source,
    },
  };
  return DescribeTaskQueueResponse.encode(response);
}

async function describeEnhanced(
  context: HandlerContext,
  message: Partition,
  request: DescribeTaskQueueRequest,
  call: CallContext,
): Promise<Uint8Array> {
  if (message.sticky || message.partitionId !== 0) {
    throw invalidArgument(
      'DescribeTaskQueue must be called on the root partition of workflow task queue if api mode is DESCRIBE_TASK_QUEUE_MODE_ENHANCED',
    );
  }
  const requestedTypes =
    request.taskQueueTypes.length > 0 ? request.taskQueueTypes : [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY];
  const unversioned = new Map<number, TaskQueueTypeInfo>();
  for (const type of new Set(requestedTypes)) {
    const whole = await describeAll(context, message, type, call);
    unversioned.set(type, {
      pollers: request.reportPollers ? whole.pollers : [],
      stats: request.reportStats ? whole.stats : undefined,
    });
  }
  const versionsInfo = new Map(
    requestedBuildIds(request).map((buildId) => [
      buildId,
      {
        typesInfo: buildId === '' ? unversioned : emptyTypes(unversioned, request.reportStats),
        taskReachability: reachability(request, buildId),
      },
    ]),
  );
  return DescribeTaskQueueResponse.encode({ versionsInfo });
}

/** Without a selection the default version is meant: the unversioned queue. */
function requestedBuildIds(request: DescribeTaskQueueRequest): string[] {
  const { versions } = request;
  if (versions === undefined) return [''];
  const buildIds = new Set(versions.buildIds);
  if (versions.unversioned || versions.allActive) buildIds.add('');
  return [...buildIds];
}

/** No worker is versioned here: every task goes to the unversioned queue. */
function reachability(request: DescribeTaskQueueRequest, buildId: string): BuildIdTaskReachability {
  if (!request.reportTaskReachability) return BuildIdTaskReachability.UNSPECIFIED;
  return buildId === '' ? BuildIdTaskReachability.REACHABLE : BuildIdTaskReachability.UNREACHABLE;
}

function emptyTypes(
  types: ReadonlyMap<number, TaskQueueTypeInfo>,
  reportStats: boolean,
): Map<number, TaskQueueTypeInfo> {
  return new Map([...types.keys()].map((type) => [type, { pollers: [], stats: reportStats ? noStats() : undefined }]));
}

async function describeAll(
  { environment }: HandlerContext,
  root: Partition,
  taskQueueType: number,
  call: CallContext,
): Promise<QueueDescription> {
  const constraints = {
    namespace: environment.namespaces.byId(root.namespaceId)?.name,
    taskQueue: root.taskQueue,
    taskQueueType,
  };
  const { dynamicConfig, router } = environment;
  const count = Math.max(readPartitions(dynamicConfig, constraints), writePartitions(dynamicConfig, constraints));
  const answers = await Promise.all(
    Array.from({ length: count }, (_, partitionId) => {
      const partition = { ...root, taskQueueType, partitionId };
      const request = TaskQueueApiRequest.encode({ namespaceId: root.namespaceId, partition });
      const options = { deadlineMs: call.deadlineMs };
      return router.callMatching(partitionKey(partition), 'DescribeTaskQueuePartition', request, options);
    }),
  );
  const pollers: PollerInfo[] = [];
  const stats = noStats();
  const statsByPriorityKey = new Map<number, TaskQueueStats>();
  for (const answer of answers) {
    const description = DescribeTaskQueueResponse.decode(answer);
    pollers.push(...description.pollers);
    for (const [level, part] of description.statsByPriorityKey) {
      mergeStats(stats, part);
      const known = statsByPriorityKey.get(level) ?? noStats();
      mergeStats(known, part);
      statsByPriorityKey.set(level, known);
    }
  }
  return { pollers: dedupPollers(pollers), stats, statsByPriorityKey };
}
