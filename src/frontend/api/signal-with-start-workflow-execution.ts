// SignalWithStartWorkflowExecution. Main loop.

import { WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import { SignalWithStartWorkflowExecutionRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { withFields } from '../changed-request.ts';
import {
  checkCronSchedule,
  checkStartDelay,
  checkWorkflowRetryPolicy,
  checkWorkflowTimeouts,
} from '../checks/backoff.ts';
import { checkBlobSize, checkStartSizes } from '../checks/blob-size.ts';
import { checkWorkflowId } from '../checks/execution.ts';
import { checkLinks } from '../checks/links.ts';
import { checkPriority } from '../checks/priority.ts';
import { requestIdOrNew } from '../checks/request-id.ts';
import { checkSignalName } from '../checks/signal-name.ts';
import { checkUserTaskQueue } from '../checks/task-queue.ts';
import { checkIdPolicies, withDefaultIdPolicies } from '../checks/workflow-id-policies.ts';
import { checkWorkflowType } from '../checks/workflow-type.ts';
import { workflowRpc } from '../rpc.ts';
import { checkSearchAttributes } from './prepare-start.ts';

/** retry_policy of SignalWithStartWorkflowExecutionRequest. */
const RETRY_POLICY = 15;

export const signalWithStartWorkflowExecution = workflowRpc({
  method: 'SignalWithStartWorkflowExecution',
  read: SignalWithStartWorkflowExecutionRequest.decode,
  handle: (request, call) => {
    const raw = () => call.message;
    const policies = withDefaultIdPolicies(request, WorkflowIdConflictPolicy.USE_EXISTING);
    checkWorkflowId(call, request.workflowId);
    checkSignalName(call, request.signalName);
    checkWorkflowType(call, request.workflowType);
    const taskQueue = checkUserTaskQueue(call, request.taskQueue);
    const requestId = requestIdOrNew(call, request.requestId);
    const timeouts = checkWorkflowTimeouts(request, raw);
    const retryPolicy = checkWorkflowRetryPolicy(call, request.retryPolicy, raw, RETRY_POLICY);
    const workflowStartDelay = checkStartDelay(request.cronSchedule, request.workflowStartDelay, raw);
    checkIdPolicies(policies);
    if (policies.workflowIdConflictPolicy === WorkflowIdConflictPolicy.FAIL) {
      throw invalidArgument(
        'Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for this operation.',
      );
    }
    checkCronSchedule(call, request.cronSchedule);
    checkSearchAttributes(call, request.searchAttributes);
    checkPriority(request.priority);
    checkLinks(call, request.links);
    checkStartSizes(call, request);
    checkBlobSize(call, request.signalInput?.length ?? 0, request.workflowId, '');
    const fields = SignalWithStartWorkflowExecutionRequest.encode({
      ...policies,
      ...timeouts,
      taskQueue,
      requestId,
      retryPolicy,
      workflowStartDelay,
    });
    return call.toHistory('SignalWithStartWorkflowExecution', request.workflowId, withFields(call.message, fields));
  },
});
