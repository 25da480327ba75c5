import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartWorkflowExecutionRequest, StartWorkflowExecutionResponse } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { historyFixture } from '../testing/history-fixture.ts';

const START = [StartWorkflowExecutionRequest, StartWorkflowExecutionResponse] as const;

for (const answer of ['sync', 'promise'] as const) {
  test(`of many starts of one id in one turn one wins (store answers ${answer})`, async () => {
    const fixture = await historyFixture(await new MemoryStoreFactory({ answer }).openExecutionStore(0));
    const starts = Array.from({ length: 8 }, (_, i) =>
      fixture.begin('StartWorkflowExecution', START, {
        namespace: 'test',
        workflowId: 'w',
        workflowType: { name: 'type' },
        taskQueue: { name: 'test-queue' },
        requestId: `request-${i}`,
      }),
    );
    const results = Promise.allSettled(starts);
    await fixture.clock.advance(0);
    const refused = (await results).filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    assert.equal(refused.length, 7);
    assert.ok(refused.every((error) => error instanceof ServiceError && error.code === GrpcCode.ALREADY_EXISTS));
    assert.equal((await fixture.events('w')).length, 2);
    await fixture.stop();
  });
}
