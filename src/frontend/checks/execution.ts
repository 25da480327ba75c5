// Workflow ids and executions in requests (service/frontend/validators.go and workflow_handler.go, v1.31). Main loop.

import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { checkIdLength } from './text-length.ts';

/** What Go's uuid.Validate takes: with or without dashes, in braces, or as a URN. */
const UUID =
  /^(?:(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}|[0-9a-f]{32})$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

/** The execution that a request names. */
export function checkExecution(execution: WorkflowExecution | undefined): WorkflowExecution {
  if (execution === undefined) throw invalidArgument('Execution is not set on request.');
  if (execution.workflowId === '') throw workflowIdNotSet();
  if (execution.runId !== '' && !UUID.test(execution.runId)) throw invalidArgument('Invalid RunId.');
  return execution;
}

/** One run that a request names (validateGetWorkflowExecutionRawHistoryV2Request, v1.31). */
export function checkRun(execution: WorkflowExecution | undefined): WorkflowExecution {
  if (execution === undefined || execution.workflowId === '') throw workflowIdNotSet();
  if (!UUID.test(execution.runId)) throw invalidArgument('Invalid RunId.');
  return execution;
}

/** The id of a workflow that is to be started. */
export function checkWorkflowId(call: RpcCall, workflowId: string): void {
  if (workflowId === '') throw workflowIdNotSet();
  checkIdLength(call, workflowId, 'WorkflowId length exceeds limit.');
}

export const workflowIdNotSet = () => invalidArgument('WorkflowId is not set on request.');
