// SignalExternalWorkflowExecution.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { SignalExternalWorkflowExecutionCommandAttributes } from '#proto/temporal/api/command/v1';
import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import type { CommandContext } from './command-context.ts';
import { blame, CommandError } from './command-error.ts';
import { checkCrossNamespace } from './cross-namespace.ts';
import { checkLength, checkPendingCount, checkSize } from './size-checks.ts';
import { isUuid } from './uuid.ts';

const CAUSE = WorkflowTaskFailedCause.BAD_SIGNAL_WORKFLOW_EXECUTION_ATTRIBUTES;
const COMMAND = 'SignalExternalWorkflowExecutionCommand';

export interface ValidatedSignal {
  attributes: SignalExternalWorkflowExecutionCommandAttributes & { execution: WorkflowExecution };
  target: NamespaceRecord;
}

export function validateSignalExternalWorkflowExecution(
  attributes: SignalExternalWorkflowExecutionCommandAttributes | undefined,
  context: CommandContext,
): ValidatedSignal {
  if (attributes === undefined) throw new CommandError(CAUSE, `${COMMAND}Attributes is not set on ${COMMAND}.`);
  const { namespace, execution, signalName } = attributes;
  const target = namespace === '' ? context.namespace : context.resolveNamespace(namespace);
  if (execution === undefined) throw new CommandError(CAUSE, `Execution is not set on ${COMMAND}.`);
  blame(CAUSE, () => checkCrossNamespace(context.namespace, target, context.crossNamespaceCommandsEnabled));
  checkIds(namespace, execution, signalName, context.limits.maxIdLengthBytes);
  checkPendingCount(
    context.workflow.pendingSignalCount,
    context.limits.pendingSignals,
    WorkflowTaskFailedCause.PENDING_SIGNALS_LIMIT_EXCEEDED,
    'pending signals to external workflows',
  );
  checkSize(
    attributes.input?.length ?? 0,
    context.limits.blobSizeErrorBytes,
    CAUSE,
    `${COMMAND}Attributes.Input exceeds size limit.`,
  );
  return { attributes: { ...attributes, execution }, target };
}

function checkIds(
  namespace: string,
  { workflowId, runId }: WorkflowExecution,
  signalName: string,
  limit: number,
): void {
  const rest = `RunId=${runId} SignalName=${signalName}`;
  if (workflowId === '') {
    throw new CommandError(CAUSE, `WorkflowId is not set on ${COMMAND}. Namespace=${namespace} ${rest}`);
  }
  checkLength(namespace, limit, (length) => {
    const ids = `WorkflowId=${workflowId} Namespace=${namespace} Length=${length} Limit=${limit} ${rest}`;
    return new CommandError(CAUSE, `Namespace on ${COMMAND} exceeds length limit. ${ids}`);
  });
  checkLength(workflowId, limit, (length) => {
    const ids = `WorkflowId=${workflowId} Length=${length} Limit=${limit} Namespace=${namespace} ${rest}`;
    return new CommandError(CAUSE, `WorkflowId on ${COMMAND} exceeds length limit. ${ids}`);
  });
  const ids = `WorkflowId=${workflowId} Namespace=${namespace} RunId=${runId}`;
  if (runId !== '' && !isUuid(runId)) {
    throw new CommandError(CAUSE, `Invalid RunId set on ${COMMAND}. ${ids} SignalName=${signalName}`);
  }
  if (signalName === '') throw new CommandError(CAUSE, `SignalName is not set on ${COMMAND}. ${ids}`);
}
