// A child whose start was acknowledged to nobody: the parent's shard lost the answer, and the parent closed before it asked again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandType, ParentClosePolicy } from '#proto/temporal/api/enums/v1';
import {
  TerminateWorkflowExecutionRequest,
  TerminateWorkflowExecutionResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { type HistoryFixture, historyFixture } from '../testing/history-fixture.ts';

const TERMINATE = [TerminateWorkflowExecutionRequest, TerminateWorkflowExecutionResponse] as const;

async function parentThatStarts(parentClosePolicy: number): Promise<HistoryFixture> {
  const fixture = await historyFixture(await new MemoryStoreFactory().openExecutionStore(0));
  await fixture.start({ workflowId: 'parent' });
  const { taskToken } = await fixture.pollWorkflowTask();
  fixture.link.loses = 'StartChildWorkflow';
  await fixture.complete({
    taskToken,
    commands: [
      {
        commandType: CommandType.START_CHILD_WORKFLOW_EXECUTION,
        startChildWorkflowExecutionCommandAttributes: {
          workflowId: 'child',
          workflowType: { name: 'child-type' },
          taskQueue: { name: 'test-queue' },
          parentClosePolicy,
        },
      },
    ],
  });
  await fixture.rpc('TerminateWorkflowExecution', TERMINATE, { workflowExecution: { workflowId: 'parent' } });
  fixture.link.loses = undefined;
  return fixture;
}

test('an abandoned child goes on', async () => {
  const fixture = await parentThatStarts(ParentClosePolicy.ABANDON);
  assert.deepEqual(await fixture.eventNames('child'), ['WorkflowExecutionStarted']);
  await fixture.clock.advance(1_000);
  assert.deepEqual(await fixture.eventNames('child'), ['WorkflowExecutionStarted', 'WorkflowTaskScheduled']);
  await fixture.stop();
});

test('a child that ends with its parent ends', async () => {
  const fixture = await parentThatStarts(ParentClosePolicy.TERMINATE);
  await fixture.clock.advance(1_000);
  assert.equal((await fixture.eventNames('child')).at(-1), 'WorkflowExecutionTerminated');
  await fixture.stop();
});
