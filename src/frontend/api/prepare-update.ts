// Checks and defaults of a workflow update (prepareUpdateWorkflowRequest, v1.31). For UpdateWorkflowExecution and the update within
// ExecuteMultiOperation. Main loop.

import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import { UpdateWorkflowExecutionLifecycleStage } from '#proto/temporal/api/enums/v1';
import type {
  UpdateWorkflowExecutionRequest,
  UpdateWorkflowExecutionRequestInit,
} from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument, permissionDenied } from '../../proto/service-errors.ts';
import { checkExecution } from '../checks/execution.ts';
import { checkIdLength } from '../checks/text-length.ts';
import type { RpcCall } from '../rpc-call.ts';
import { ENABLE_UPDATE, ENABLE_UPDATE_ASYNC_ACCEPTED } from '../settings.ts';

export interface PreparedUpdate {
  readonly execution: WorkflowExecution;
  /** Fields of the request that differ from what the client sent. */
  readonly changes: UpdateWorkflowExecutionRequestInit;
}

export function prepareUpdate(call: RpcCall, request: UpdateWorkflowExecutionRequest): PreparedUpdate {
  const execution = checkExecution(request.workflowExecution);
  const meta = request.request?.meta;
  if (request.request === undefined || meta === undefined) {
    throw invalidArgument('Update meta is not set on request.');
  }
  checkIdLength(call, meta.updateId, 'UpdateId length exceeds limit.');
  const { input } = request.request;
  if (input === undefined) throw invalidArgument('Update input is not set on request.');
  if (input.name === '') throw invalidArgument('Update name is not set on request.');
  checkUpdateEnabled(call);
  const lifecycleStage = checkStage(call, request.waitPolicy?.lifecycleStage);
  return {
    execution,
    changes: {
      request:
        meta.updateId === '' ? { ...request.request, meta: { ...meta, updateId: call.services.newUuid() } } : undefined,
      waitPolicy: lifecycleStage === request.waitPolicy?.lifecycleStage ? undefined : { lifecycleStage },
    },
  };
}

export function checkUpdateEnabled(call: RpcCall): void {
  if (!call.setting(ENABLE_UPDATE)) {
    throw permissionDenied('UpdateWorkflowExecution operation is disabled on this namespace.');
  }
}

function checkStage(call: RpcCall, requested: number | undefined): UpdateWorkflowExecutionLifecycleStage {
  const stage = requested || UpdateWorkflowExecutionLifecycleStage.COMPLETED;
  if (stage === UpdateWorkflowExecutionLifecycleStage.ADMITTED) {
    throw permissionDenied(
      'UpdateWorkflowExecution issued asynchronously and waiting on update admitted is not supported.',
    );
  }
  if (stage === UpdateWorkflowExecutionLifecycleStage.ACCEPTED && !call.setting(ENABLE_UPDATE_ASYNC_ACCEPTED)) {
    throw permissionDenied(
      'UpdateWorkflowExecution issued asynchronously and waiting on update accepted is disabled on this namespace.',
    );
  }
  return stage;
}
