// ExecuteMultiOperation: a start and an update, completed and refused together.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import { MultiOperationExecutionFailure } from '#proto/temporal/api/errordetails/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { decodeStatus, multiOperationFailed } from '../proto/service-errors.ts';
import { shardIdOf } from '../runtime/shard-id.ts';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';
import { START } from './testing/requests.ts';

const UPDATE = {
  workflowExecution: { workflowId: 'order-1' },
  request: { meta: { updateId: 'u' }, input: { name: 'add' } },
};
const both = (startFields: object, updateFields: object) =>
  api.ExecuteMultiOperationRequest.encode({
    namespace: 'default',
    operations: [
      { startWorkflow: { ...START, namespace: '', ...startFields } },
      { updateWorkflow: { ...UPDATE, ...updateFields } },
    ],
  });

test('update-with-start goes to history with both operations completed', async () => {
  const harness = new FrontendHarness();
  await harness.call('ExecuteMultiOperation', both({}, {}));
  assert.equal(harness.routed[0]?.target, shardIdOf(NAMESPACE_ID, 'order-1', 4));
  const { operations } = harness.lastRequest(ApiRequest, api.ExecuteMultiOperationRequest);
  assert.equal(operations[0]?.startWorkflow?.workflowIdConflictPolicy, WorkflowIdConflictPolicy.FAIL);
  assert.equal(operations[0]?.startWorkflow?.requestId, '00000000-0000-4000-8000-000000000001');
  assert.equal(operations[1]?.updateWorkflow?.waitPolicy?.lifecycleStage, 3);
  assert.equal(operations[1]?.updateWorkflow?.request?.meta?.updateId, 'u');
});

test('update-with-start is exactly that', async () => {
  const harness = new FrontendHarness();
  const startOnly = { startWorkflow: START };
  for (const operations of [[], [startOnly], [startOnly, startOnly], [{ updateWorkflow: UPDATE }, startOnly]]) {
    const message = api.ExecuteMultiOperationRequest.encode({ namespace: 'default', operations });
    const status = await harness.refusal('ExecuteMultiOperation', message);
    assert.equal(status.message, 'Operations have to be exactly [Start, Update].');
  }
});

test('a fault in one operation aborts the other', async () => {
  const aborted = 'Operation was aborted.';
  const faults: readonly [object, object, string, string][] = [
    [{ workflowId: '' }, {}, 'WorkflowId is not set on request.', aborted],
    [{ namespace: 'other' }, {}, "Operation namespace did not match request's namespace.", aborted],
    [{ cronSchedule: '* * * * *' }, {}, 'CronSchedule is not allowed.', aborted],
    [{ requestEagerExecution: true }, {}, 'RequestEagerExecution is not supported.', aborted],
    [{ workflowStartDelay: 1000 }, {}, 'WorkflowStartDelay is not supported.', aborted],
    [{}, { firstExecutionRunId: 'r' }, aborted, 'FirstExecutionRunId is not allowed.'],
    [
      {},
      { workflowExecution: { workflowId: 'order-1', runId: '7a0b1c2d-3e4f-4a5b-8c6d-7e8f90a1b2c3' } },
      aborted,
      'RunId is not allowed.',
    ],
    [
      {},
      { workflowExecution: { workflowId: 'order-2' } },
      aborted,
      'WorkflowId is not consistent with previous operation(s).',
    ],
  ];
  for (const [startFields, updateFields, startStatus, updateStatus] of faults) {
    const harness = new FrontendHarness();
    const status = await harness.refusal('ExecuteMultiOperation', both(startFields, updateFields));
    assert.equal(status.code, GrpcCode.INVALID_ARGUMENT);
    assert.equal(status.message, 'Update-with-Start could not be executed.');
    const { statuses } = MultiOperationExecutionFailure.decode(
      decodeStatus(status.details as Uint8Array).details[0]?.value as Uint8Array,
    );
    assert.deepEqual(
      statuses.map((each) => each.message),
      [startStatus, updateStatus],
    );
    const atFault = statuses.findIndex((each) => each.message !== aborted);
    assert.equal(statuses[atFault]?.code, GrpcCode.INVALID_ARGUMENT);
    assert.equal(statuses[1 - atFault]?.code, GrpcCode.ABORTED);
    assert.match(statuses[1 - atFault]?.details[0]?.typeUrl ?? '', /MultiOperationExecutionAborted$/);
  }
});

test("history's multi-operation failures are told in users' words", async () => {
  const harness = new FrontendHarness();
  harness.answer = () =>
    Promise.reject(multiOperationFailed('MultiOperation could not be executed.', GrpcCode.ALREADY_EXISTS, []));
  const status = await harness.refusal('ExecuteMultiOperation', both({}, {}));
  assert.equal(status.code, GrpcCode.ALREADY_EXISTS);
  assert.equal(status.message, 'Update-with-Start could not be executed.');
});
