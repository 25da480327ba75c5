// UpdateActivityExecutionOptions: of an activity without a workflow, or of one of a workflow. Main loop.

import type { ActivityOptions } from '#proto/temporal/api/activity/v1';
import {
  UpdateActivityExecutionOptionsRequest,
  UpdateActivityOptionsRequest,
} from '#proto/temporal/api/workflowservice/v1';
import { durationProblem } from '../../base/backoff/index.ts';
import { camelPath } from '../../base/field-mask.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import {
  checkActivityId,
  checkLength,
  checkOperatorCommandsEnabled,
  checkRequestId,
  checkRunId,
} from '../checks/activity-execution.ts';
import { checkActivityRetryPolicy } from '../checks/backoff.ts';
import { checkFairnessKey, checkPriority, INVALID_FAIRNESS_WEIGHT } from '../checks/priority.ts';
import { checkUserTaskQueue } from '../checks/task-queue.ts';
import { workflowRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';
import { ENABLE_ACTIVITY_START_DELAY } from '../settings.ts';

const PATHS: ReadonlySet<string> = new Set([
  'taskQueue.name',
  'scheduleToCloseTimeout',
  'scheduleToStartTimeout',
  'startToCloseTimeout',
  'heartbeatTimeout',
  'priority',
  'priority.priorityKey',
  'priority.fairnessKey',
  'priority.fairnessWeight',
  'retryPolicy',
  'retryPolicy.initialInterval',
  'retryPolicy.backoffCoefficient',
  'retryPolicy.maximumInterval',
  'retryPolicy.maximumAttempts',
  'startDelay',
]);

export const updateActivityExecutionOptions = workflowRpc({
  method: 'UpdateActivityExecutionOptions',
  read: UpdateActivityExecutionOptionsRequest.decode,
  handle: (request, call) => {
    checkOperatorCommandsEnabled(call, request.workflowId);
    const requestId = checkRequestId(call, request.requestId);
    checkActivityId(call, request.activityId);
    checkLength(call, 'identity', request.identity);
    checkRunId(request.runId);
    const activityOptions = checkChange(call, request);
    const { workflowId, runId, activityId } = request;
    if (workflowId === '') {
      const changed = UpdateActivityExecutionOptionsRequest.encode({ ...request, activityOptions, requestId });
      return call.toHistory('UpdateActivityExecutionOptions', activityId, changed);
    }
    const ofWorkflow = UpdateActivityOptionsRequest.encode({
      namespace: request.namespace,
      execution: { workflowId, runId },
      id: activityId,
      activityOptions,
      updateMask: request.updateMask,
      restoreOriginal: request.restoreOriginal,
      identity: request.identity,
    });
    // The answers have the same fields.
    return call.toHistory('UpdateActivityOptions', workflowId, ofWorkflow);
  },
});

/** The options with what a whole retry policy leaves out. */
function checkChange(
  call: RpcCall,
  { activityOptions, updateMask, restoreOriginal }: UpdateActivityExecutionOptionsRequest,
): ActivityOptions | undefined {
  const paths = updateMask?.paths ?? [];
  if (restoreOriginal) {
    if (paths.length !== 0) throw invalidArgument('Both UpdateMask and RestoreOriginal are provided');
    return activityOptions;
  }
  if (activityOptions === undefined) throw invalidArgument('ActivityOptions are not provided');
  if (updateMask === undefined) throw invalidArgument('UpdateMask is not provided');
  if (paths.length === 0) throw invalidArgument('UpdateMask must specify at least one path');
  const named = new Set<string>();
  for (const path of paths) {
    const camel = camelPath(path);
    if (!PATHS.has(camel)) throw invalidArgument(`unsupported update_mask path: ${JSON.stringify(path)}`);
    named.add(camel);
  }
  if (named.has('taskQueue.name')) checkUserTaskQueue(call, activityOptions.taskQueue);
  checkTimeouts(activityOptions, named);
  checkStartDelay(call, activityOptions, named);
  checkPriorityFields(activityOptions, named);
  checkPolicyFields(activityOptions, named);
  if (!named.has('retryPolicy')) return activityOptions;
  const retryPolicy = checkActivityRetryPolicy(call, activityOptions.retryPolicy, () => Buffer.alloc(0), 0);
  return { ...activityOptions, retryPolicy };
}

function checkTimeouts(options: ActivityOptions, named: ReadonlySet<string>): void {
  for (const name of [
    'scheduleToCloseTimeout',
    'scheduleToStartTimeout',
    'startToCloseTimeout',
    'heartbeatTimeout',
  ] as const) {
    const problem = named.has(name) ? durationProblem(options[name]) : '';
    if (problem) throw invalidArgument(`invalid ${name.charAt(0).toUpperCase()}${name.slice(1)}: ${problem}`);
  }
}

function checkStartDelay(call: RpcCall, { startDelay }: ActivityOptions, named: ReadonlySet<string>): void {
  if (!named.has('startDelay')) return;
  const problem = durationProblem(startDelay);
  if (problem) throw invalidArgument(`invalid StartDelay: ${problem}`);
  if ((startDelay ?? 0) > 0 && !call.setting(ENABLE_ACTIVITY_START_DELAY)) {
    throw invalidArgument('start_delay is not enabled for this namespace');
  }
}

function checkPriorityFields({ priority }: ActivityOptions, named: ReadonlySet<string>): void {
  if (named.has('priority')) checkPriority(priority);
  if (priority === undefined) return;
  if (named.has('priority.priorityKey') && priority.priorityKey < 0) {
    throw invalidArgument("priority key can't be negative");
  }
  if (named.has('priority.fairnessKey')) checkFairnessKey(priority.fairnessKey);
  if (named.has('priority.fairnessWeight') && priority.fairnessWeight < 0) {
    throw invalidArgument(INVALID_FAIRNESS_WEIGHT);
  }
}

function checkPolicyFields({ retryPolicy }: ActivityOptions, named: ReadonlySet<string>): void {
  const checkInterval = (field: 'initialInterval' | 'maximumInterval', label: string): void => {
    const problem = named.has(`retryPolicy.${field}`) ? durationProblem(retryPolicy?.[field]) : '';
    if (problem) throw invalidArgument(`invalid ${label} set on retry policy: ${problem}`);
  };
  checkInterval('initialInterval', 'InitialInterval');
  if (named.has('retryPolicy.backoffCoefficient') && !((retryPolicy?.backoffCoefficient ?? 0) >= 1)) {
    throw invalidArgument('BackoffCoefficient cannot be less than 1 on retry policy.');
  }
  checkInterval('maximumInterval', 'MaximumInterval');
  if (named.has('retryPolicy.maximumAttempts') && (retryPolicy?.maximumAttempts ?? 0) < 0) {
    throw invalidArgument('MaximumAttempts cannot be negative on retry policy.');
  }
}
