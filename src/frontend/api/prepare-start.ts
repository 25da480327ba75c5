// Checks and defaults of a workflow start, in the order in which Temporal applies them (prepareStartWorkflowRequest, v1.31). For
// StartWorkflowExecution and the start within ExecuteMultiOperation. Main loop.

import { Buffer } from 'node:buffer';
import type { Callback, Link } from '#proto/temporal/api/common/v1';
import { WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import {
  StartWorkflowExecutionRequest,
  type StartWorkflowExecutionRequestInit,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Encoded } from '../../proto/wire.ts';
import { withFields } from '../changed-request.ts';
import {
  checkCronSchedule,
  checkStartDelay,
  checkWorkflowRetryPolicy,
  checkWorkflowTimeouts,
  type RawRequest,
} from '../checks/backoff.ts';
import { checkStartSizes } from '../checks/blob-size.ts';
import { checkCallbacks } from '../checks/callbacks.ts';
import { checkWorkflowId } from '../checks/execution.ts';
import { checkLinks } from '../checks/links.ts';
import { checkPriority } from '../checks/priority.ts';
import { requestIdOrNew } from '../checks/request-id.ts';
import { checkUserTaskQueue } from '../checks/task-queue.ts';
import { checkIdPolicies, withDefaultIdPolicies } from '../checks/workflow-id-policies.ts';
import { checkWorkflowType } from '../checks/workflow-type.ts';
import type { RpcCall } from '../rpc-call.ts';

/** Fields of the request that differ from what the client sent. */
export type ChangedFields = StartWorkflowExecutionRequestInit;

/** retry_policy of StartWorkflowExecutionRequest. */
const RETRY_POLICY = 12;

/** `raw` is the encoded start: the whole request, or the operation within it. */
export function prepareStart(call: RpcCall, request: StartWorkflowExecutionRequest, raw: RawRequest): ChangedFields {
  const policies = withDefaultIdPolicies(request, WorkflowIdConflictPolicy.FAIL);
  checkWorkflowId(call, request.workflowId);
  const retryPolicy = checkWorkflowRetryPolicy(call, request.retryPolicy, raw, RETRY_POLICY);
  const workflowStartDelay = checkStartDelay(request.cronSchedule, request.workflowStartDelay, raw);
  checkCronSchedule(call, request.cronSchedule);
  checkWorkflowType(call, request.workflowType);
  const taskQueue = checkUserTaskQueue(call, request.taskQueue);
  const timeouts = checkWorkflowTimeouts(request, raw);
  const requestId = requestIdOrNew(call, request.requestId);
  checkIdPolicies(policies);
  checkOnConflictOptions(request);
  checkSearchAttributes(call, request.searchAttributes);
  checkPriority(request.priority);
  const completionCallbacks = checkCallbacks(call, request.completionCallbacks);
  const links = withoutCallbackLinks(request.links, request.completionCallbacks);
  checkLinks(call, [...links, ...request.completionCallbacks.flatMap((callback) => callback.links)]);
  checkStartSizes(call, request);
  return {
    workflowIdReusePolicy: changed(request.workflowIdReusePolicy, policies.workflowIdReusePolicy),
    workflowIdConflictPolicy: changed(request.workflowIdConflictPolicy, policies.workflowIdConflictPolicy),
    retryPolicy,
    workflowStartDelay: changed(request.workflowStartDelay, workflowStartDelay),
    taskQueue: changed(request.taskQueue, taskQueue),
    workflowExecutionTimeout: changed(request.workflowExecutionTimeout, timeouts.workflowExecutionTimeout),
    workflowRunTimeout: changed(request.workflowRunTimeout, timeouts.workflowRunTimeout),
    workflowTaskTimeout: changed(request.workflowTaskTimeout, timeouts.workflowTaskTimeout),
    requestId: changed(request.requestId, requestId),
    completionCallbacks: changed(request.completionCallbacks, completionCallbacks),
    links: changed(request.links, links),
  };
}

/** The value, if it is another than before. */
function changed<T>(before: T, value: T): T | undefined {
  return value === before ? undefined : value;
}

/** The request with all its changes, for where it is encoded anew. */
export function withChanges(
  request: StartWorkflowExecutionRequest,
  changes: ChangedFields,
): StartWorkflowExecutionRequestInit {
  const merged: Record<string, unknown> = { ...request };
  for (const [name, value] of Object.entries(changes)) {
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** The request with the changes, appended where that is enough. */
export function changedStart(
  message: Uint8Array,
  request: StartWorkflowExecutionRequest,
  changes: ChangedFields,
): Uint8Array {
  if (changes.completionCallbacks !== undefined || changes.links !== undefined) {
    return StartWorkflowExecutionRequest.encode(withChanges(request, changes));
  }
  return withFields(message, StartWorkflowExecutionRequest.encode(changes));
}

function checkOnConflictOptions({ onConflictOptions }: StartWorkflowExecutionRequest): void {
  if (onConflictOptions?.attachCompletionCallbacks && !onConflictOptions.attachRequestId) {
    throw invalidArgument('attaching request ID is required for attaching completion callbacks');
  }
}

export function checkSearchAttributes(call: RpcCall, searchAttributes: Uint8Array | undefined): void {
  const { services, namespace } = call;
  if (searchAttributes === undefined || namespace === undefined) return;
  services.searchAttributes?.check(searchAttributes, namespace);
}

/** A link that a Nexus callback carries too is kept with the callback only. */
function withoutCallbackLinks(
  links: readonly Encoded<Link>[],
  callbacks: readonly Callback[],
): readonly Encoded<Link>[] {
  if (links.length === 0 || callbacks.length === 0) return links;
  const inCallbacks = callbacks.flatMap((callback) => (callback.nexus === undefined ? [] : callback.links));
  const kept = links.filter((link) => !inCallbacks.some((other) => Buffer.compare(link, other) === 0));
  return kept.length === links.length ? links : kept;
}
