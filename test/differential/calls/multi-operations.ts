// ExecuteMultiOperation with operations that do not go together.

import type { Names } from '../requests/index.ts';
import { startRequest } from '../requests/index.ts';
import { NEVER, type OddCall, type Request, UNKNOWN_RUN } from './odd-call.ts';

/** An ExecuteMultiOperation's operations; the second may name another workflow. */
export const multi =
  (operations: (names: Names) => readonly Request[]): OddCall =>
  (names) => ['workflow', 'executeMultiOperation', { namespace: names.namespace, operations: operations(names) }];

export const startOperation = (names: Names, more: Request = {}) => ({
  startWorkflow: {
    ...startRequest(names, undefined, 'r'),
    workflowId: `${names.workflowId}-odd`,
    taskQueue: { name: `${names.taskQueue}-odd` },
    ...more,
  },
});

export const updateOperation = (names: Names, more: Request = {}) => ({
  updateWorkflow: {
    namespace: names.namespace,
    workflowExecution: { workflowId: `${names.workflowId}-odd` },
    request: { meta: { updateId: 'u' }, input: { name: 'u' } },
    waitPolicy: { lifecycleStage: 2 },
    ...more,
  },
});

export const multiOperations: Readonly<Record<string, OddCall>> = {
  'multi-operation without operations': multi(() => []),
  'multi-operation with one start': multi((names) => [startOperation(names)]),
  'multi-operation with one update': multi((names) => [updateOperation(names)]),
  'multi-operation update before start': multi((names) => [updateOperation(names), startOperation(names)]),
  'multi-operation of two starts': multi((names) => [startOperation(names), startOperation(names)]),
  'multi-operation of two updates': multi((names) => [updateOperation(names), updateOperation(names)]),
  'multi-operation with nothing in it': multi(() => [{}, {}]),
  'multi-operation of two workflows': multi((names) => [
    startOperation(names),
    updateOperation(names, { workflowExecution: { workflowId: 'another' } }),
  ]),
  'multi-operation with cron': multi((names) => [
    startOperation(names, { cronSchedule: '0 0 1 1 *' }),
    updateOperation(names),
  ]),
  'multi-operation with a delay': multi((names) => [
    startOperation(names, { workflowStartDelay: NEVER }),
    updateOperation(names),
  ]),
  'multi-operation, eager': multi((names) => [
    startOperation(names, { requestEagerExecution: true }),
    updateOperation(names),
  ]),
  'multi-operation with a run': multi((names) => [
    startOperation(names),
    updateOperation(names, { workflowExecution: { workflowId: `${names.workflowId}-odd`, runId: UNKNOWN_RUN } }),
  ]),
  'multi-operation with a first run': multi((names) => [
    startOperation(names),
    updateOperation(names, { firstExecutionRunId: UNKNOWN_RUN }),
  ]),
  'multi-operation with a bad start': multi((names) => [
    startOperation(names, { workflowType: null }),
    updateOperation(names),
  ]),
  'multi-operation with a bad update': multi((names) => [
    startOperation(names),
    updateOperation(names, { request: { meta: {}, input: { name: '' } } }),
  ]),
  'multi-operation waiting for admission': multi((names) => [
    startOperation(names),
    updateOperation(names, { waitPolicy: { lifecycleStage: 1 } }),
  ]),
};
