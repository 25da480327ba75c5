// What a partition tells about itself: pollers, statistics by priority, backlog status. Matching thread.

import type {
  PollerInfo,
  TaskQueueStats,
  TaskQueueStatus,
  TaskQueueVersioningInfo,
} from '#proto/temporal/api/taskqueue/v1';
import type { TaskQueuePartition } from './partition.ts';
import { DEFAULT_LEVEL } from './priority.ts';

/** Go's zero time, which Temporal sends for a queue whose versioning was never set. */
const GO_ZERO_TIME_MS = -62_135_596_800_000;

/** What Temporal calls workers without a deployment version. */
const UNVERSIONED = '__unversioned__';

export const UNVERSIONED_INFO: TaskQueueVersioningInfo = {
  currentVersion: UNVERSIONED,
  currentDeploymentVersion: undefined,
  rampingVersion: '',
  rampingDeploymentVersion: undefined,
  rampingVersionPercentage: 0,
  updateTime: GO_ZERO_TIME_MS,
};

export function statsByPriority(partition: TaskQueuePartition, nowMs: number): Map<number, TaskQueueStats> {
  const stats = new Map<number, TaskQueueStats>();
  const levels = new Set<number>([DEFAULT_LEVEL, ...partition.rates.levels()]);
  for (const [level] of partition.backlogs.levels()) levels.add(level);
  for (const level of [...levels].sort((a, b) => a - b)) {
    const backlog = partition.backlogs.ofLevel(level);
    const oldestMs = backlog?.oldestCreatedMs;
    stats.set(level, {
      approximateBacklogCount: backlog?.count ?? 0,
      approximateBacklogAge: oldestMs === undefined ? 0 : Math.max(0, nowMs - oldestMs),
      tasksAddRate: partition.rates.addedPerSecond(level, nowMs),
      tasksDispatchRate: partition.rates.dispatchedPerSecond(level, nowMs),
      rateLimitingActive: false,
    });
  }
  return stats;
}

export function noStats(): TaskQueueStats {
  return {
    approximateBacklogCount: 0,
    approximateBacklogAge: 0,
    tasksAddRate: 0,
    tasksDispatchRate: 0,
    rateLimitingActive: false,
  };
}

/** Counts and rates add up, the age is that of the oldest. Temporal: MergeStats in common/taskqueue, v1.31. */
export function mergeStats(into: TaskQueueStats, from: TaskQueueStats): void {
  into.approximateBacklogCount += from.approximateBacklogCount;
  into.approximateBacklogAge = Math.max(into.approximateBacklogAge ?? 0, from.approximateBacklogAge ?? 0);
  into.tasksAddRate += from.tasksAddRate;
  into.tasksDispatchRate += from.tasksDispatchRate;
  into.rateLimitingActive ||= from.rateLimitingActive;
}

/** The first of each identity. */
export function dedupPollers(pollers: readonly PollerInfo[]): PollerInfo[] {
  const byIdentity = new Map<string, PollerInfo>();
  for (const poller of pollers) if (!byIdentity.has(poller.identity)) byIdentity.set(poller.identity, poller);
  return [...byIdentity.values()];
}

/** Levels and ids are those of the default priority level, the count is of all. */
export function taskQueueStatus(partition: TaskQueuePartition): TaskQueueStatus {
  const root = partition.backlogs.root;
  return {
    backlogCountHint: partition.backlogs.count,
    readLevel: root?.readLevel ?? 0,
    ackLevel: root?.ackLevel ?? 0,
    ratePerSecond: partition.limiter.effectivePerSecond,
    taskIdBlock: root?.idBlock,
  };
}
