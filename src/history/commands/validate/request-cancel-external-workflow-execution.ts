// RequestCancelExternalWorkflowExecution.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { RequestCancelExternalWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { CommandContext } from './command-context.ts';
import { blame, CommandError } from './command-error.ts';
import { checkCrossNamespace } from './cross-namespace.ts';
import { checkLength, checkPendingCount } from './size-checks.ts';
import { isUuid } from './uuid.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION_ATTRIBUTES;
const COMMAND = 'RequestCancelExternalWorkflowExecutionCommand';

export function validateRequestCancelExternalWorkflowExecution(
  attributes: RequestCancelExternalWorkflowExecutionCommandAttributes | undefined,
  context: CommandContext,
): { attributes: RequestCancelExternalWorkflowExecutionCommandAttributes; target: NamespaceRecord } {
  if (attributes === undefined) throw new CommandError(CAUSE, `${COMMAND}Attributes is not set on ${COMMAND}.`);
  const { namespace, workflowId, runId } = attributes;
  const { workflow, limits } = context;
  const target = namespace === '' ? context.namespace : context.resolveNamespace(namespace);
  blame(CAUSE, () => checkCrossNamespace(context.namespace, target, context.crossNamespaceCommandsEnabled));
  if (workflowId === '') {
    throw new CommandError(CAUSE, `WorkflowId is not set on ${COMMAND}. Namespace=${namespace} RunId=${runId}`);
  }
  const limit = limits.maxIdLengthBytes;
  checkLength(namespace, limit, (length) => {
    const ids = `WorkflowId=${workflowId} RunId=${runId} Namespace=${namespace} Length=${length} Limit=${limit}`;
    return new CommandError(CAUSE, `Namespace on ${COMMAND} exceeds length limit. ${ids}`);
  });
  checkLength(workflowId, limit, (length) => {
    const ids = `WorkflowId=${workflowId} Length=${length} Limit=${limit} RunId=${runId} Namespace=${namespace}`;
    return new CommandError(CAUSE, `WorkflowId on ${COMMAND} exceeds length limit. ${ids}`);
  });
  const ids = `WorkflowId=${workflowId} RunId=${runId} Namespace=${namespace}`;
  if (runId !== '' && !isUuid(runId)) throw new CommandError(CAUSE, `Invalid RunId set on ${COMMAND}. ${ids}`);
  if (workflow.startedChildInThisTask(workflowId)) {
    const message = 'Start and RequestCancel for child workflow is not allowed in same workflow task.';
    throw new CommandError(CAUSE, `${message} ${ids}`);
  }
  checkPendingCount(
    workflow.pendingCancelRequestCount,
    limits.pendingCancelRequests,
    WorkflowTaskFailedCause.PENDING_REQUEST_CANCEL_LIMIT_EXCEEDED,
    'pending requests to cancel external workflows',
  );
  return { attributes, target };
}
