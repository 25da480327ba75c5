// UpdateTaskQueueConfig: rate limits and fairness weights of a task queue. Main loop.

import { TaskQueueKind, TaskQueueType } from '#proto/temporal/api/enums/v1';
import {
  type UpdateTaskQueueConfigRequest_RateLimitUpdate as RateLimitUpdate,
  UpdateTaskQueueConfigRequest,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { checkFairnessKey, INVALID_FAIRNESS_WEIGHT } from '../checks/priority.ts';
import { partitionOf } from '../checks/task-queue.ts';
import { isLongerThan } from '../checks/text-length.ts';
import { workflowRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';
import { MAX_FAIRNESS_WEIGHT_OVERRIDES, MAX_ID_LENGTH } from '../settings.ts';

/** Bytes of a rate limit's reason (workflow_handler.go maxReasonLength, v1.31). */
const MAX_REASON_BYTES = 1000;

export const updateTaskQueueConfig = workflowRpc({
  method: 'UpdateTaskQueueConfig',
  read: UpdateTaskQueueConfigRequest.decode,
  handle: (request, call) => {
    const ofWorkflows = request.taskQueueType === TaskQueueType.WORKFLOW;
    const { updateQueueRateLimit, updateFairnessKeyRateLimitDefault } = request;
    if (ofWorkflows && updateQueueRateLimit?.rateLimit !== undefined) {
      throw invalidArgument('Setting rate limit on workflow task queues is not allowed.');
    }
    checkRateLimit(updateQueueRateLimit, 'UpdateQueueRateLimit');
    if (ofWorkflows && updateFairnessKeyRateLimitDefault?.rateLimit !== undefined) {
      throw invalidArgument('Setting fairness key rate limit on workflow task queues is not allowed.');
    }
    checkRateLimit(updateFairnessKeyRateLimitDefault, 'UpdateFairnessKeyRateLimitDefault');
    checkField('Identity', request.identity, call.setting(MAX_ID_LENGTH));
    checkWeights(call, request);
    const taskQueue = { name: request.taskQueue, kind: TaskQueueKind.NORMAL, normalName: '' };
    return call.toMatching('UpdateTaskQueueConfig', partitionOf(call.namespaceId, taskQueue, request.taskQueueType));
  },
});

function checkRateLimit(update: RateLimitUpdate | undefined, label: string): void {
  if (update?.rateLimit === undefined) return;
  if (update.rateLimit.requestsPerSecond < 0) {
    throw invalidArgument(`RequestsPerSecond for ${label} rate limit must be non-negative.`);
  }
  checkField(`${label}.Reason`, update.reason, MAX_REASON_BYTES);
}

function checkField(name: string, value: string, maxBytes: number): void {
  if (isLongerThan(value, maxBytes)) throw invalidArgument(`${name} field too long (max ${maxBytes} characters).`);
}

function checkWeights(call: RpcCall, request: UpdateTaskQueueConfigRequest): void {
  const { setFairnessWeightOverrides: set, unsetFairnessWeightOverrides: unset } = request;
  const limit = call.services.dynamicConfig.get(MAX_FAIRNESS_WEIGHT_OVERRIDES, {
    namespace: call.namespaceName,
    taskQueue: request.taskQueue,
    taskQueueType: request.taskQueueType,
  });
  const total = set.size + unset.length;
  if (total > limit) {
    throw invalidArgument(`too many fairness weight overrides in request: got ${total}, maximum ${limit}`);
  }
  for (const [key, weight] of set) {
    checkKey(key);
    if (weight <= 0) {
      throw invalidArgument(
        `invalid fairness weight weight for key ${JSON.stringify(key)}: ${INVALID_FAIRNESS_WEIGHT}`,
      );
    }
  }
  unset.forEach(checkKey);
  const both = unset.find((key) => set.has(key));
  if (both !== undefined) {
    throw invalidArgument(`fairness weight override key ${JSON.stringify(both)} present in both set and unset lists`);
  }
}

function checkKey(key: string): void {
  if (key === '') throw invalidArgument('fairness weight override key must not be empty');
  checkFairnessKey(key);
}
