import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WorkflowIdConflictPolicy } from '#proto/temporal/api/enums/v1';
import { Request } from '#proto/temporal/api/update/v1';
import {
  UpdateWorkflowExecutionRequest,
  UpdateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { historyFixture } from '../testing/history-fixture.ts';

const UPDATE = [UpdateWorkflowExecutionRequest, UpdateWorkflowExecutionResponse] as const;

test('an update of a run that a start with its id terminates ends with that run', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  await fixture.clock.advance(0);
  const updated = fixture.begin('UpdateWorkflowExecution', UPDATE, {
    workflowExecution: { workflowId: 'w' },
    request: Request.decode(Request.encode({ meta: { updateId: 'u' }, input: { name: 'an-update' } })),
    waitPolicy: { lifecycleStage: 3 },
  });
  updated.catch(() => {});
  await fixture.clock.advance(0);
  await fixture.start({
    workflowId: 'w',
    requestId: 'another',
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.TERMINATE_EXISTING,
  });
  await assert.rejects(
    updated,
    (error) =>
      error instanceof ServiceError &&
      error.code === GrpcCode.NOT_FOUND &&
      error.message === 'workflow update was aborted by closing workflow',
  );
  await fixture.stop();
});
