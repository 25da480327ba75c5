// What the cache lets go comes back from the store.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { ActivityExecutionStatus } from '#proto/temporal/api/enums/v1';
import { type ExecutionStore, MemoryStoreFactory } from '../../persistence/index.ts';
import { Scenario } from './testing/scenario.ts';

test('more than memory keeps come back from the store, open and closed ones', async () => {
  const store = await new MemoryStoreFactory().openExecutionStore(0);
  let loads = 0;
  const counting: ExecutionStore = Object.assign(Object.create(store) as ExecutionStore, {
    loadExecution: (key: Parameters<ExecutionStore['loadExecution']>[0]) => {
      loads++;
      return store.loadExecution(key);
    },
  });
  const s = await Scenario.open(counting);
  const input = Payloads.encode({ payloads: [Payload.encode({ data: Buffer.alloc(1024 * 1024) })] });
  const COUNT = 130;
  for (let index = 0; index < COUNT; index++) await s.start({ activityId: `${index}`, requestId: `${index}`, input });
  assert.equal(loads, 0);
  // 64 MiB at most.
  assert.equal((await s.describe({ activityId: '0' })).activityId, '0');
  assert.equal(loads, 1);
  assert.equal((await s.describe({ activityId: `${COUNT - 1}` })).activityId, `${COUNT - 1}`);
  assert.equal(loads, 1);
  for (let index = 0; index < COUNT; index++) await s.complete(await s.task());
  loads = 0;
  await s.describe({ activityId: `${COUNT - 1}` });
  assert.equal(loads, 0);
  assert.equal((await s.describe({ activityId: '0' })).status, ActivityExecutionStatus.COMPLETED);
  assert.equal(loads, 1);
});
