// Update-with-start: joins the open run or starts one, and sends it the update; both or neither.

import { WorkflowExecutionStatus, WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import { MultiOperationExecutionAborted } from '#proto/temporal/api/failure/v1';
import {
  ExecuteMultiOperationRequest,
  ExecuteMultiOperationResponse,
  type StartWorkflowExecutionRequest,
  type StartWorkflowExecutionResponseInit,
  type UpdateWorkflowExecutionRequest,
} from '#proto/temporal/api/workflowservice/v1';
import { invariant } from '../../base/invariant.ts';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { multiOperationFailed, unavailable } from '../../proto/service-errors.ts';
import type { CallContext } from '../../runtime/service.ts';
import type { ApiHandler, HistoryEngine } from '../engine.ts';
import type { Shard } from '../shard/shard.ts';
import { startWorkflow } from '../start/start-workflow.ts';
import { applyUpdate } from '../updates/apply-update.ts';
import type { Update } from '../workflow/update/index.ts';
import { updateAbortedByClosing } from '../workflow/update/index.ts';
import { updateRegistryOf } from '../workflow/update-registry-of.ts';
import type { Workflow } from '../workflow/workflow.ts';
import { startedLink } from './start-workflow-execution.ts';
import { EventsOfRun } from './update-completion.ts';
import { awaitUpdate, updateAnswer } from './update-workflow-execution.ts';

const ABORTED = new ServiceError(GrpcCode.ABORTED, 'Operation was aborted.', [
  {
    typeUrl: `type.googleapis.com/${MultiOperationExecutionAborted.typeName}`,
    value: MultiOperationExecutionAborted.encode({}),
  },
]);

interface Operations {
  readonly namespaceId: string;
  readonly start: StartWorkflowExecutionRequest;
  readonly update: UpdateWorkflowExecutionRequest;
}

export const executeMultiOperation: ApiHandler = async (engine, shard, api, call) => {
  const { operations } = ExecuteMultiOperationRequest.decode(api.request);
  const start = operations[0]?.startWorkflow;
  const update = operations[1]?.updateWorkflow;
  invariant(start !== undefined && update !== undefined, 'the frontend lets only a start and an update pass');
  const both: Operations = { namespaceId: api.namespaceId, start, update };
  try {
    return await updateWithStart(engine, shard, both, call);
  } catch (error) {
    if (!abortedByClosingRun(error)) throw error;
    // The run closed before it took the update: once more, now that a new one can be started.
    try {
      return await updateWithStart(engine, shard, both, call);
    } catch (again) {
      if (!abortedByClosingRun(again)) throw again;
      throw failed(ABORTED, new ServiceError(GrpcCode.ABORTED, (again as OperationsFailed).updateError.message));
    }
  }
};

class OperationsFailed extends ServiceError {
  readonly updateError: ServiceError;
  readonly wasStarted: boolean;
  constructor(error: ServiceError, updateError: ServiceError, wasStarted: boolean) {
    super(error.code, error.message, error.details);
    this.updateError = updateError;
    this.wasStarted = wasStarted;
  }
}

function abortedByClosingRun(error: unknown): boolean {
  if (!(error instanceof OperationsFailed) || error.wasStarted) return false;
  const closing = updateAbortedByClosing();
  return error.updateError.code === closing.code && error.updateError.message === closing.message;
}

async function updateWithStart(
  engine: HistoryEngine,
  shard: Shard,
  both: Operations,
  call: CallContext,
): Promise<Uint8Array> {
  const { namespaceId, start, update } = both;
  const current = await shard.currentRun(namespaceId, start.workflowId);
  if (current !== undefined) {
    const workflow = await shard.workflow(namespaceId, start.workflowId, current.runId);
    const updateId = update.request?.meta?.updateId ?? '';
    const isRepeatedStart = start.requestId !== '' && current.requestIds.has(start.requestId);
    const joins =
      isRepeatedStart ||
      start.workflowIdConflictPolicy === WorkflowIdConflictPolicy.USE_EXISTING ||
      updateRegistryOf(workflow).find(updateId) !== undefined;
    const knowsOutcome = workflow.updates.get(updateId)?.stage === 3;
    if (knowsOutcome || (workflow.isRunning && joins)) {
      return joinRun(engine, shard, workflow, both, call, !knowsOutcome);
    }
  }
  return startRun(engine, shard, both, call);
}

async function joinRun(
  engine: HistoryEngine,
  shard: Shard,
  workflow: Workflow,
  both: Operations,
  call: CallContext,
  /** An update that is long completed is answered without a link to the start. */
  hasLink: boolean,
): Promise<Uint8Array> {
  try {
    const update = await applyUpdate(engine, shard, workflow, both.update);
    const status = await awaitUpdate(engine, workflow, update, both.update, call);
    const started = { started: false, status: workflow.state.status };
    return answer(workflow, both, hasLink ? { ...started, link: linkTo(workflow) } : started, status);
  } catch (error) {
    throw failed(ABORTED, error);
  }
}

async function startRun(engine: HistoryEngine, shard: Shard, both: Operations, call: CallContext): Promise<Uint8Array> {
  const { namespaceId, start: request } = both;
  let update: Update | undefined;
  let updateError: unknown;
  let outcome: Awaited<ReturnType<typeof startWorkflow>>;
  try {
    outcome = await startWorkflow(engine, shard, {
      namespaceId,
      request,
      also: (workflow) => {
        try {
          const updateRequest = both.update.request;
          invariant(updateRequest !== undefined, 'the frontend lets only an update with a request pass');
          const updateId = updateRequest.meta?.updateId ?? '';
          update = updateRegistryOf(workflow).findOrAdmit(updateId, updateRequest, new EventsOfRun(workflow)).update;
        } catch (error) {
          updateError = error;
          throw error;
        }
      },
    });
  } catch (error) {
    throw updateError === undefined ? failed(error, ABORTED) : failed(ABORTED, updateError);
  }
  if (outcome.kind !== 'started' || update === undefined) {
    throw failed(unavailable('Workflow was not started: StartReused'), ABORTED);
  }
  const { workflow } = outcome;
  await shard.settled(workflow);
  try {
    const status = await awaitUpdate(engine, workflow, update, both.update, call);
    const started = { started: true, status: WorkflowExecutionStatus.RUNNING, link: linkTo(workflow) };
    return answer(workflow, both, started, status);
  } catch (error) {
    throw failed(undefined, error, true);
  }
}

const linkTo = ({ namespace, workflowId, runId }: Workflow) => startedLink(namespace.name, workflowId, runId);

function answer(
  workflow: Workflow,
  both: Operations,
  start: Pick<StartWorkflowExecutionResponseInit, 'started' | 'status' | 'link'>,
  status: Parameters<typeof updateAnswer>[2],
): Uint8Array {
  return ExecuteMultiOperationResponse.encode({
    responses: [
      { startWorkflow: { ...start, runId: workflow.runId } },
      { updateWorkflow: updateAnswer(workflow, both.update, status) },
    ],
  });
}

/** One status per operation; the call's own code is that of the operation that failed. */
function failed(startError: unknown, updateError: unknown, wasStarted = false): Error {
  const errors = [startError, updateError];
  if (errors.some((error) => error !== undefined && !(error instanceof ServiceError))) {
    return errors.find((error) => !(error instanceof ServiceError) && error !== undefined) as Error;
  }
  const statuses = (errors as (ServiceError | undefined)[]).map((error) =>
    error === undefined
      ? { code: GrpcCode.OK, message: '' }
      : { code: error.code, message: error.message, details: error.details },
  );
  const cause =
    (errors as (ServiceError | undefined)[]).find((error) => error !== undefined && error !== ABORTED) ?? ABORTED;
  const isCause = (error: unknown) => error === cause && cause !== ABORTED;
  const reason = isCause(startError)
    ? `Start failed: ${cause.message}`
    : isCause(updateError)
      ? `Update failed: ${cause.message}`
      : 'Reason unknown';
  const detailed = multiOperationFailed(`MultiOperation could not be executed: ${reason}`, cause.code, statuses);
  return new OperationsFailed(detailed, updateError instanceof ServiceError ? updateError : ABORTED, wasStarted);
}
