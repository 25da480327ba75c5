import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  QueryWorkflowRequest,
  QueryWorkflowResponse,
  SignalWorkflowExecutionRequest,
  SignalWorkflowExecutionResponse,
  TerminateWorkflowExecutionRequest,
  TerminateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { historyFixture } from '../testing/history-fixture.ts';

const QUERY = [QueryWorkflowRequest, QueryWorkflowResponse] as const;
const SIGNAL = [SignalWorkflowExecutionRequest, SignalWorkflowExecutionResponse] as const;
const TERMINATE = [TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse] as const;

test('a query that waits for the first task of a run that is terminated fails when a worker would get that task', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  await fixture.clock.advance(0);
  const queried = fixture.begin('QueryWorkflow', QUERY, {
    execution: { workflowId: 'w' },
    query: { queryType: 'q' },
  });
  queried.catch(() => {});
  await fixture.clock.advance(0);
  await fixture.rpc('TerminateWorkflowExecution', TERMINATE, { workflowExecution: { workflowId: 'w' } });
  // Another run takes the id: the query stays with the run that it was asked of.
  await fixture.start({ workflowId: 'w', requestId: 'another' });
  await assert.rejects(fixture.pollWorkflowTask(), (error) => (error as ServiceError).code === GrpcCode.NOT_FOUND);
  await assert.rejects(
    queried,
    (error) =>
      error instanceof ServiceError &&
      error.code === GrpcCode.FAILED_PRECONDITION &&
      error.message === 'Workflow execution closed before WorkflowTaskStarted event',
  );
  await fixture.stop();
});

test('a query of a run that has ended goes to the normal queue: its sticky worker has not seen the last events', async () => {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'w' });
  const { taskToken } = await fixture.pollWorkflowTask();
  const stickyAttributes = { workerTaskQueue: { name: 'sticky-queue' }, scheduleToStartTimeout: 5_000 };
  await fixture.complete({ taskToken, stickyAttributes, commands: [] });
  const ask = () => fixture.rpc('QueryWorkflow', QUERY, { execution: { workflowId: 'w' }, query: { queryType: 'q' } });
  await ask();
  await fixture.rpc('SignalWorkflowExecution', SIGNAL, { workflowExecution: { workflowId: 'w' }, signalName: 's' });
  await fixture.rpc('TerminateWorkflowExecution', TERMINATE, { workflowExecution: { workflowId: 'w' } });
  await ask();
  assert.deepEqual(
    fixture.queries.map(({ partition }) => [partition?.taskQueue, partition?.sticky]),
    [
      ['sticky-queue', true],
      ['test-queue', false],
    ],
  );
  await fixture.stop();
});
