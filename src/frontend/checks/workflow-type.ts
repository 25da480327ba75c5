// The workflow type of a start. Main loop.

import type { WorkflowType } from '#proto/temporal/api/common/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { RpcCall } from '../rpc-call.ts';
import { checkIdLength } from './text-length.ts';

export function checkWorkflowType(call: RpcCall, workflowType: WorkflowType | undefined): void {
  if (workflowType === undefined || workflowType.name === '') {
    throw invalidArgument('WorkflowType is not set on request.');
  }
  checkIdLength(call, workflowType.name, 'WorkflowType length exceeds limit.');
}
