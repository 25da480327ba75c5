// ExecuteMultiOperation: update-with-start, the only combination there is. A fault in one operation is answered as that
// operation's status, with the other one aborted. Main loop.

import { MultiOperationExecutionFailure } from '#proto/temporal/api/errordetails/v1';
import { MultiOperationExecutionAborted } from '#proto/temporal/api/failure/v1';
import {
  ExecuteMultiOperationRequest,
  type ExecuteMultiOperationRequest_OperationInit as OperationInit,
  type StartWorkflowExecutionRequest,
  type UpdateWorkflowExecutionRequest,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { invalidArgument, multiOperationFailed } from '../../proto/service-errors.ts';
import { fieldBytes } from '../checks/duration-signs.ts';
import { workflowRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';
import { prepareStart, withChanges } from './prepare-start.ts';
import { prepareUpdate } from './prepare-update.ts';

// ExecuteMultiOperationRequest: operations = 2; its Operation: start_workflow = 2.
const OPERATIONS = 2;
const START_WORKFLOW = 2;
const FAILED_MESSAGE = 'Update-with-Start could not be executed.';

interface PreparedOperation {
  readonly workflowId: string;
  readonly operation: OperationInit;
}

export const executeMultiOperation = workflowRpc({
  method: 'ExecuteMultiOperation',
  read: ExecuteMultiOperationRequest.decode,
  handle: async (request, call) => {
    const [first, second] = request.operations;
    const start = first?.startWorkflow;
    const update = second?.updateWorkflow;
    if (request.operations.length !== 2 || start === undefined || update === undefined) {
      throw invalidArgument('Operations have to be exactly [Start, Update].');
    }
    const { workflowId, operations } = prepareBoth(
      attempt(() => prepareStartOperation(call, start)),
      attempt(() => prepareUpdateOperation(call, update)),
    );
    const changed = ExecuteMultiOperationRequest.encode({ ...request, operations });
    try {
      return await call.toHistoryWaiting('ExecuteMultiOperation', workflowId, changed);
    } catch (error) {
      throw inUsersWords(error);
    }
  },
});

function prepareStartOperation(call: RpcCall, request: StartWorkflowExecutionRequest): PreparedOperation {
  checkNamespace(call, request.namespace);
  const changes = prepareStart(call, request, () => rawStart(call.message));
  if (request.cronSchedule !== '') throw invalidArgument('CronSchedule is not allowed.');
  if (request.requestEagerExecution) throw invalidArgument('RequestEagerExecution is not supported.');
  if ((request.workflowStartDelay ?? 0) > 0) throw invalidArgument('WorkflowStartDelay is not supported.');
  return { workflowId: request.workflowId, operation: { startWorkflow: withChanges(request, changes) } };
}

/** The encoded start of the first operation. */
function rawStart(message: Uint8Array): Uint8Array {
  const operation = fieldBytes(message, OPERATIONS, 0);
  return (operation && fieldBytes(operation, START_WORKFLOW)) ?? new Uint8Array(0);
}

function prepareUpdateOperation(call: RpcCall, request: UpdateWorkflowExecutionRequest): PreparedOperation {
  checkNamespace(call, request.namespace);
  const { execution, changes } = prepareUpdate(call, request);
  if (request.firstExecutionRunId !== '') throw invalidArgument('FirstExecutionRunId is not allowed.');
  if (execution.runId !== '') throw invalidArgument('RunId is not allowed.');
  const updateWorkflow = {
    ...request,
    request: changes.request ?? request.request,
    waitPolicy: changes.waitPolicy ?? request.waitPolicy,
  };
  return { workflowId: execution.workflowId, operation: { updateWorkflow } };
}

function checkNamespace(call: RpcCall, namespace: string): void {
  if (namespace !== '' && namespace !== call.namespaceName) {
    throw invalidArgument("Operation namespace did not match request's namespace.");
  }
}

function attempt(prepare: () => PreparedOperation): PreparedOperation | ServiceError {
  try {
    return prepare();
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
}

function prepareBoth(
  start: PreparedOperation | ServiceError,
  update: PreparedOperation | ServiceError,
): { readonly workflowId: string; readonly operations: OperationInit[] } {
  if (start instanceof ServiceError || update instanceof ServiceError) {
    throw failed([
      start instanceof ServiceError ? start : aborted(),
      update instanceof ServiceError ? update : aborted(),
    ]);
  }
  if (start.workflowId !== update.workflowId) {
    throw failed([aborted(), invalidArgument('WorkflowId is not consistent with previous operation(s).')]);
  }
  return { workflowId: start.workflowId, operations: [start.operation, update.operation] };
}

function aborted(): ServiceError {
  return new ServiceError(GrpcCode.ABORTED, 'Operation was aborted.', [
    {
      typeUrl: `type.googleapis.com/${MultiOperationExecutionAborted.typeName}`,
      value: MultiOperationExecutionAborted.encode({}),
    },
  ]);
}

/** The code of the whole is that of the first operation which is at fault. */
function failed(errors: readonly ServiceError[]): ServiceError {
  const atFault = errors.find((error) => !error.is(MultiOperationExecutionAborted.typeName));
  return multiOperationFailed(FAILED_MESSAGE, atFault?.code ?? GrpcCode.ABORTED, errors);
}

/** History speaks of multi-operations, users of Update-with-Start. */
function inUsersWords(error: unknown): unknown {
  if (!(error instanceof ServiceError) || !error.is(MultiOperationExecutionFailure.typeName)) return error;
  return new ServiceError(error.code, FAILED_MESSAGE, error.details, { cause: error });
}
