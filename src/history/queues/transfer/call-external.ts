// What a signal and a request to cancel that leave a workflow have in common: whom they reach, and which errors are an answer.

import type { WorkflowExecution } from '#proto/temporal/api/common/v1';
import { GrpcCode, ServiceError } from '../../../base/service-error.ts';
import type { HistoryMethod } from '../../../runtime/services.ts';
import type { HistoryEngine } from '../../engine.ts';
import type { Workflow } from '../../workflow/workflow.ts';
import { callShard } from '../call-shard.ts';
import { targetNamespaceName } from '../target-namespace-name.ts';

/** The fields that both initiated events have. */
interface Initiated {
  readonly namespace: string;
  readonly namespaceId: string;
  readonly workflowExecution: WorkflowExecution | undefined;
}

/** As the events that follow name it. */
export interface Addressee {
  readonly namespace: string;
  readonly namespaceId: string;
  readonly workflowExecution: WorkflowExecution;
}

export async function addresseeOf(engine: HistoryEngine, initiated: Initiated): Promise<Addressee> {
  return {
    namespace: await targetNamespaceName(engine, initiated),
    namespaceId: initiated.namespaceId,
    workflowExecution: initiated.workflowExecution ?? { workflowId: '', runId: '' },
  };
}

/** Numbers of the enum that the caller's event has. */
export interface Causes {
  readonly namespaceNotFound: number;
  readonly workflowNotFound: number;
  readonly invalid?: number;
}

/** The cause of a failure that the caller is told of, undefined if it went well. Errors that may pass are thrown: the task runs again. */
export async function callExternal(
  engine: HistoryEngine,
  caller: Workflow,
  { namespaceId, workflowExecution: { workflowId } }: Addressee,
  method: HistoryMethod,
  request: Uint8Array,
  causes: Causes,
): Promise<number | undefined> {
  // A workflow neither signals nor cancels itself, nor another run under its id.
  if (workflowId === caller.workflowId && namespaceId === caller.namespaceId) return causes.workflowNotFound;
  try {
    await callShard(engine, namespaceId, workflowId, method, request);
    return undefined;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.is('temporal.api.errordetails.v1.NamespaceNotFoundFailure')) return causes.namespaceNotFound;
    if (error.code === GrpcCode.NOT_FOUND) return causes.workflowNotFound;
    if (error.code === GrpcCode.INVALID_ARGUMENT && causes.invalid !== undefined) return causes.invalid;
    throw error;
  }
}
