import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ShardTask } from '#proto/ostinato/persistence/v1';
import { SettingValues } from '../../config/setting-values.ts';
import { silentLogger } from '../../metrics/logger.ts';
import { TaskCategory } from '../../persistence/index.ts';
import { MemoryStoreFactory } from '../../persistence/memory/factory.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { ImmediateQueue } from './immediate-queue.ts';
import { queueLimits, TRANSFER_QUEUE } from './queue-limits.ts';

test('how many tasks run at a time follows the configuration, and is never none', async () => {
  const config = new SettingValues();
  const waiting: (() => void)[] = [];
  const queue = new ImmediateQueue(
    {
      shardId: 1,
      store: await new MemoryStoreFactory().openExecutionStore(0),
      clock: new VirtualClock(),
      logger: silentLogger,
      category: TaskCategory.TRANSFER,
      limits: queueLimits(config, TRANSFER_QUEUE),
      execute: () => new Promise((resolve) => waiting.push(() => resolve(undefined))),
    },
    Number.MAX_SAFE_INTEGER,
  );
  config.set(TRANSFER_QUEUE.running, 2);
  for (let taskId = 1; taskId <= 10; taskId++) queue.publish(ShardTask.decode(ShardTask.encode({ taskId })));
  assert.equal(waiting.length, 2);
  config.set(TRANSFER_QUEUE.running, 4);
  waiting.shift()?.();
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(waiting.length, 4);
  config.set(TRANSFER_QUEUE.running, 0);
  assert.equal(queueLimits(config, TRANSFER_QUEUE).running, 1);
  queue.stop();
});
