import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowTaskFailedCause } from '#proto/temporal/api/enums/v1';
import {
  RespondWorkflowTaskFailedRequest,
  RespondWorkflowTaskFailedResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { MemoryStoreFactory } from '../../persistence/index.ts';
import { HISTORY_METRICS } from '../metrics.ts';
import { historyFixture } from '../testing/history-fixture.ts';

test('failures are counted by their cause', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  const { taskToken } = await fixture.pollWorkflowTask();
  const counter = fixture.metrics.counter(HISTORY_METRICS.failedWorkflowTasks, {
    service_name: 'history',
    namespace: 'test',
    failure: 'NonDeterministicError',
  });
  await fixture.rpc(
    'RespondWorkflowTaskFailed',
    [RespondWorkflowTaskFailedRequest, RespondWorkflowTaskFailedResponse],
    { taskToken, cause: WorkflowTaskFailedCause.NON_DETERMINISTIC_ERROR },
  );
  assert.equal((counter as unknown as { value: number }).value, 1);
  await fixture.stop();
});
