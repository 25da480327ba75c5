// Polls on their way to the partitions of a task queue, and the worker that leaves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PollRequest } from '#proto/ostinato/matching/v1';
import { TaskQueueKind, TaskQueueType } from '#proto/temporal/api/enums/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';

test('a poll goes to its partition and is cancelled with its client', async () => {
  const harness = new FrontendHarness();
  let aborted = false;
  harness.answer = ({ options }) =>
    new Promise((_resolve, reject) => {
      options?.cancellation?.listen({
        onCancelled: () => {
          aborted = true;
          reject(new ServiceError(GrpcCode.CANCELLED, 'context canceled'));
        },
      });
    });
  const message = api.PollWorkflowTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'orders' } });
  const poll = harness.begin('PollWorkflowTaskQueue', message, { timeoutMs: 60_000 });
  const [routed] = harness.routed;
  assert.equal(routed?.target, `${NAMESPACE_ID}:orders:1`);
  assert.equal(routed?.options?.deadlineMs, harness.clock.nowMs() + 60_000);
  const { partition, request, pollerId } = PollRequest.decode(routed?.request as Uint8Array);
  assert.deepEqual(partition, {
    namespaceId: NAMESPACE_ID,
    taskQueue: 'orders',
    taskQueueType: TaskQueueType.WORKFLOW,
    partitionId: 0,
    sticky: false,
    normalName: '',
  });
  assert.equal(pollerId, '00000000-0000-4000-8000-000000000001');
  assert.equal(api.PollWorkflowTaskQueueRequest.decode(request).taskQueue?.kind, TaskQueueKind.NORMAL);
  poll.cancel();
  assert.equal(aborted, true);
});

test('polls are spread over the partitions of their queue', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('matching.numTaskqueueReadPartitions', 2);
  harness.answer = () => new Promise(() => {});
  const poll = api.PollActivityTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'q' } });
  const sticky = api.PollWorkflowTaskQueueRequest.encode({
    namespace: 'default',
    taskQueue: { name: 'mine', kind: TaskQueueKind.STICKY },
  });
  for (let i = 0; i < 3; i++) harness.begin('PollActivityTaskQueue', poll, { timeoutMs: 60_000 });
  harness.begin('PollWorkflowTaskQueue', sticky, { timeoutMs: 60_000 });
  assert.deepEqual(
    harness.routed.map(({ target }) => target),
    [`${NAMESPACE_ID}:q:2`, `${NAMESPACE_ID}:/_sys/q/1:2`, `${NAMESPACE_ID}:q:2`, `${NAMESPACE_ID}:mine:1`],
  );
});

test('a worker that leaves takes its sticky queue and its polls with it', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('matching.numTaskqueueReadPartitions', 2);
  harness.answer = ({ target }) => {
    if (String(target).includes('/_sys/')) throw new ServiceError(GrpcCode.NOT_FOUND, 'not loaded');
    return new Uint8Array(0);
  };
  const leave = (fields: api.ShutdownWorkerRequestInit) =>
    harness.call('ShutdownWorker', api.ShutdownWorkerRequest.encode({ namespace: 'default', ...fields }));
  assert.equal((await leave({ stickyTaskQueue: 'mine', taskQueue: 'q', workerInstanceKey: 'w' })).status, undefined);
  assert.deepEqual(
    harness.routed.map(({ target }) => target),
    [
      `${NAMESPACE_ID}:mine:1`,
      `${NAMESPACE_ID}:q:1`,
      `${NAMESPACE_ID}:/_sys/q/1:1`,
      `${NAMESPACE_ID}:q:2`,
      `${NAMESPACE_ID}:/_sys/q/1:2`,
    ],
  );
  assert.equal((await leave({ stickyTaskQueue: 'mine' })).status, undefined);
  assert.equal(harness.routed.length, 6);
});
