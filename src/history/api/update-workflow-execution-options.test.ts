import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  UpdateWorkflowExecutionOptionsRequest,
  type UpdateWorkflowExecutionOptionsRequestInit,
  UpdateWorkflowExecutionOptionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture } from '../testing/history-fixture.ts';

const UPDATE = [UpdateWorkflowExecutionOptionsRequest, UpdateWorkflowExecutionOptionsResponse] as const;

const open = async () => historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
const update = (
  fixture: HistoryFixture,
  workflowExecutionOptions: UpdateWorkflowExecutionOptionsRequestInit['workflowExecutionOptions'],
  ...paths: string[]
) =>
  fixture.rpc('UpdateWorkflowExecutionOptions', UPDATE, {
    workflowExecution: { workflowId: 'w' },
    workflowExecutionOptions,
    updateMask: { paths },
    identity: 'operator',
  });

test('a changed priority is recorded, and the task that waits is handed over with it', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w', priority: { priorityKey: 3 } });
  await fixture.clock.advance(0);
  const { workflowExecutionOptions } = await update(
    fixture,
    { priority: { priorityKey: 1, fairnessKey: 'ignored' } },
    'priority.priority_key',
  );
  assert.deepEqual(workflowExecutionOptions?.priority, { priorityKey: 1, fairnessKey: '', fairnessWeight: 0 });
  const [before, after] = fixture.workflowTasks;
  assert.equal(before?.priority?.priorityKey, 3);
  assert.equal(after?.priority?.priorityKey, 1);
  await assert.rejects(
    fixture.pollWorkflowTask(),
    (error) => error instanceof ServiceError && error.code === GrpcCode.NOT_FOUND,
  );
  await fixture.pollWorkflowTask();
  const event = (await fixture.events('w'))[2]?.workflowExecutionOptionsUpdatedEventAttributes;
  assert.equal(event?.priority?.priorityKey, 1);
  assert.equal(event?.identity, 'operator');
  await fixture.stop();
});

test('an override is set and unset; the same again leaves no event', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const override = { versioningOverride: { autoUpgrade: true } };
  const set = await update(fixture, override, 'versioning_override');
  assert.equal(set.workflowExecutionOptions?.versioningOverride?.autoUpgrade, true);
  await update(fixture, override, 'versioning_override');
  const unset = await update(fixture, {}, 'versioning_override');
  assert.equal(unset.workflowExecutionOptions?.versioningOverride, undefined);
  const events = (await fixture.events('w')).slice(2);
  assert.deepEqual(
    events.map((event) => event.workflowExecutionOptionsUpdatedEventAttributes?.unsetVersioningOverride),
    [false, true],
  );
  assert.ok(events.every((event) => event.workerMayIgnore));
  await fixture.stop();
});

test('a version that no task queue has cannot be pinned to', async () => {
  const fixture = await open();
  await fixture.start({ workflowId: 'w' });
  const pinned = { behavior: 1, version: { deploymentName: 'd', buildId: 'b' } };
  await assert.rejects(
    update(fixture, { versioningOverride: { pinned } }, 'versioning_override'),
    (error) =>
      error instanceof ServiceError &&
      error.code === GrpcCode.FAILED_PRECONDITION &&
      error.message === "Pinned version 'd:b' is not present in task queue 'test-queue' of type 'Workflow'",
  );
  await assert.rejects(
    update(fixture, { versioningOverride: { behavior: 2 } }, 'versioning_override.behavior'),
    (error) => error instanceof ServiceError && error.code === GrpcCode.INVALID_ARGUMENT,
  );
  assert.equal((await fixture.events('w')).length, 2);
  await fixture.stop();
});
