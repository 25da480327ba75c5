// ScheduleActivityTask. Timeouts fill each other: one of start-to-close and schedule-to-close must be given.

import type { ScheduleActivityTaskCommandAttributes } from '#proto/temporal/api/command/v1';
import type { Priority, RetryPolicy } from '#proto/temporal/api/common/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import { fillActivityTimeouts } from '../../../base/activity-timeouts.ts';
import { invalidArgument } from '../../../proto/service-errors.ts';
import { validateRetryPolicy, withRetryPolicyDefaults } from '../../backoff/index.ts';
import type { CommandContext } from './command-context.ts';
import { blame, CommandError } from './command-error.ts';
import { validatePriority } from './priority.ts';
import { checkLength, checkPendingCount, checkSize } from './size-checks.ts';
import { normalizeTaskQueue } from './task-queue.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_SCHEDULE_ACTIVITY_ATTRIBUTES;
/** SDKs that cannot set fairness yet put `[key:weight]` after this. Source: respondworkflowtaskcompleted, v1.31.2. */
const FAIRNESS_KEY_PREFIX = 'x-temporal-internal-fairness-key[';

const NO_RETRY_POLICY: RetryPolicy = {
  initialInterval: undefined,
  backoffCoefficient: 0,
  maximumInterval: undefined,
  maximumAttempts: 0,
  nonRetryableErrorTypes: [],
};

export function validateScheduleActivityTask(
  given: ScheduleActivityTaskCommandAttributes | undefined,
  context: CommandContext,
): { attributes: ScheduleActivityTaskCommandAttributes } {
  if (given === undefined) {
    throw new CommandError(CAUSE, 'ScheduleActivityTaskCommandAttributes is not set on ScheduleActivityTaskCommand.');
  }
  const { workflow, limits } = context;
  const attributes = blame(CAUSE, () => normalizeActivitySchedule({ ...given, priority: priorityOf(given) }, context));
  const otherQueue = attributes.taskQueue?.name !== workflow.taskQueue;
  if (workflow.assignedBuildId === '' && attributes.useWorkflowBuildId && otherQueue) {
    throw new CommandError(CAUSE, 'Activity with UseCompatibleVersion cannot run on different task queue.');
  }
  checkSize(
    attributes.input?.length ?? 0,
    limits.blobSizeErrorBytes,
    CAUSE,
    'ScheduleActivityTaskCommandAttributes.Input exceeds size limit.',
  );
  checkPendingCount(
    workflow.pendingActivityCount,
    limits.pendingActivities,
    WorkflowTaskFailedCause.PENDING_ACTIVITIES_LIMIT_EXCEEDED,
    'pending activities',
  );
  return { attributes };
}

export interface ActivityScheduleContext {
  readonly workflow: Pick<CommandContext['workflow'], 'taskQueue' | 'runTimeoutMs'>;
  readonly limits: Pick<CommandContext['limits'], 'maxIdLengthBytes'>;
  readonly activityRetryDefaults: CommandContext['activityRetryDefaults'];
}

/** What an activity is scheduled with, defaults filled in. Throws INVALID_ARGUMENT. Also for options that are changed later. */
export function normalizeActivitySchedule(
  attributes: ScheduleActivityTaskCommandAttributes,
  { workflow, limits, activityRetryDefaults }: ActivityScheduleContext,
): ScheduleActivityTaskCommandAttributes {
  const { activityId } = attributes;
  const activityType = attributes.activityType?.name ?? '';
  const taskQueue = normalizeTaskQueue(attributes.taskQueue, {
    defaultName: '',
    parentName: workflow.taskQueue,
    maxLengthBytes: limits.maxIdLengthBytes,
  });
  if (activityId === '') throw invalidArgument('activityId is not set');
  if (activityType === '') throw invalidArgument('activityType is not set');
  const retryPolicy = validateRetryPolicy(
    withRetryPolicyDefaults(attributes.retryPolicy ?? NO_RETRY_POLICY, activityRetryDefaults),
  );
  const maxLength = limits.maxIdLengthBytes;
  checkLength(activityId, maxLength, (length) =>
    invalidArgument(`activityId exceeds length limit. Length=${length} Limit=${maxLength}`),
  );
  checkLength(activityType, maxLength, (length) =>
    invalidArgument(`activityType exceeds length limit. Length=${length} Limit=${maxLength}`),
  );
  checkPriority(attributes.priority);
  const missing =
    'a valid StartToClose or ScheduleToCloseTimeout is not set on ScheduleActivityTaskCommand. ' +
    `ActivityId=${activityId} ActivityType=${activityType}`;
  const timeouts = fillActivityTimeouts(attributes, workflow.runTimeoutMs ?? 0, missing);
  return { ...attributes, taskQueue, retryPolicy, ...timeouts };
}

function checkPriority(priority: Priority | undefined): void {
  try {
    validatePriority(priority);
  } catch (error) {
    throw invalidArgument(`invalid priorities: ${(error as Error).message}`);
  }
}

function priorityOf({ activityId, priority }: ScheduleActivityTaskCommandAttributes): Priority | undefined {
  if (!activityId.startsWith(FAIRNESS_KEY_PREFIX)) return priority;
  const [, fairnessKey, weight] = /^([^:\]]*):([^\]]*)\]/.exec(activityId.slice(FAIRNESS_KEY_PREFIX.length)) ?? [];
  const fairnessWeight = Number(weight || Number.NaN);
  if (fairnessKey === undefined || Number.isNaN(fairnessWeight)) return priority;
  return { priorityKey: priority?.priorityKey ?? 0, fairnessKey, fairnessWeight };
}
