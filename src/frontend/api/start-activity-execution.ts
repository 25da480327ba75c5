// StartActivityExecution. Checks and defaults in the order in which Temporal applies them (chasm/lib/activity frontend.go, v1.32). Main
// loop.

import { ActivityIdConflictPolicy, ActivityIdReusePolicy } from '#proto/temporal/api/enums/v1';
import { UserMetadata } from '#proto/temporal/api/sdk/v1';
import { StartActivityExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { fillActivityTimeouts } from '../../base/activity-timeouts.ts';
import { capDuration, durationProblem } from '../../base/backoff/index.ts';
import { ServiceError } from '../../base/service-error.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { checkLength, checkStandaloneActivitiesEnabled } from '../checks/activity-execution.ts';
import { checkActivityRetryPolicy } from '../checks/backoff.ts';
import { isTooLarge } from '../checks/blob-size.ts';
import { checkLinks } from '../checks/links.ts';
import { checkPriority } from '../checks/priority.ts';
import { checkUserTaskQueue } from '../checks/task-queue.ts';
import { workflowRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';
import { ENABLE_ACTIVITY_START_DELAY, USER_METADATA_DETAILS_SIZE, USER_METADATA_SUMMARY_SIZE } from '../settings.ts';
import { checkSearchAttributes } from './prepare-start.ts';

/** retry_policy of StartActivityExecutionRequest. */
const RETRY_POLICY = 11;

export const startActivityExecution = workflowRpc({
  method: 'StartActivityExecution',
  read: StartActivityExecutionRequest.decode,
  handle: (request, call) => {
    checkStandaloneActivitiesEnabled(call);
    const startDelay = checkStartDelay(call, request.startDelay);
    const options = checkActivity(call, request);
    checkLength(call, 'request ID', request.requestId);
    checkLength(call, 'identity', request.identity);
    if (isTooLarge(call, request.input?.length ?? 0, request.activityId))
      throw invalidArgument('input exceeds length limit');
    checkUserMetadata(call, request.userMetadata);
    checkSearchAttributes(call, request.searchAttributes);
    if (request.completionCallbacks.length !== 0) {
      throw invalidArgument('completion callbacks are not enabled for this namespace');
    }
    checkLinks(call, request.links);
    checkOnConflictOptions(request);
    return call.toHistory(
      'StartActivityExecution',
      request.activityId,
      StartActivityExecutionRequest.encode({
        ...request,
        ...options,
        startDelay,
        requestId: request.requestId === '' ? call.services.newUuid() : request.requestId,
        idReusePolicy: request.idReusePolicy || ActivityIdReusePolicy.ALLOW_DUPLICATE,
        idConflictPolicy: request.idConflictPolicy || ActivityIdConflictPolicy.FAIL,
      }),
    );
  },
});

function checkStartDelay(call: RpcCall, startDelayMs: number | undefined): number | undefined {
  const problem = durationProblem(startDelayMs);
  if (problem) throw invalidArgument(`invalid StartDelay: ${problem}`);
  if ((startDelayMs ?? 0) > 0 && !call.setting(ENABLE_ACTIVITY_START_DELAY)) {
    throw invalidArgument('start_delay is not enabled for this namespace');
  }
  return capDuration(startDelayMs);
}

/** What the activity runs with, defaults filled in. */
function checkActivity(call: RpcCall, request: StartActivityExecutionRequest) {
  const { activityId } = request;
  const activityType = request.activityType?.name ?? '';
  const taskQueue = checkUserTaskQueue(call, request.taskQueue);
  if (activityId === '') throw invalidArgument('activityId is not set');
  if (activityType === '') throw invalidArgument('activityType is not set');
  const retryPolicy = checkActivityRetryPolicy(call, request.retryPolicy, () => call.message, RETRY_POLICY);
  checkLength(call, 'activityId', activityId);
  checkLength(call, 'activityType', activityType);
  try {
    checkPriority(request.priority);
  } catch (error) {
    throw error instanceof ServiceError ? invalidArgument(`invalid priorities: ${error.message}`) : error;
  }
  const missing =
    'a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ' +
    `ActivityId=${activityId} ActivityType=${activityType}`;
  return { taskQueue, retryPolicy, ...fillActivityTimeouts(request, 0, missing) };
}

function checkUserMetadata(call: RpcCall, encoded: Uint8Array | undefined): void {
  if (encoded === undefined) return;
  const { summary, details } = UserMetadata.decode(encoded);
  const check = (field: string, length: number, limit: number): void => {
    if (length <= limit) return;
    throw invalidArgument(`user_metadata.${field} exceeds size limit. Length=${length} Limit=${limit}`);
  };
  check('summary', summary?.length ?? 0, call.setting(USER_METADATA_SUMMARY_SIZE));
  check('details', details?.length ?? 0, call.setting(USER_METADATA_DETAILS_SIZE));
}

function checkOnConflictOptions({ onConflictOptions, links }: StartActivityExecutionRequest): void {
  if (onConflictOptions === undefined) return;
  if (onConflictOptions.attachCompletionCallbacks && !onConflictOptions.attachRequestId) {
    throw invalidArgument('on_conflict_options: attach_completion_callbacks requires attach_request_id to be set');
  }
  if (onConflictOptions.attachRequestId && links.length === 0) {
    throw invalidArgument('on_conflict_options: attach_request_id requires at least one completion callback or link');
  }
}
