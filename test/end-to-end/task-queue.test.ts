// Task queues: backlog, pollers, order, rate limits, partitions, and polls whose worker leaves. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { enums } from './harness/api.ts';
import { completeWorkflow, scheduleActivity } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';
import { pause, waitUntil } from './harness/wait-until.ts';

const { TaskQueueType } = enums;

const env = await openEnvironment();
after(() => env.stop());

const describeQueue = (s: Scenario, type: number, more: object = {}) =>
  s.service.describeTaskQueue({
    namespace: s.namespace,
    taskQueue: { name: s.taskQueue },
    taskQueueType: type,
    ...more,
  });

describe('task queues', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a poller is shown with its identity', async (s) => {
    const { execution, task } = await s.startAndPoll();
    await waitUntil(async () => {
      const described = await describeQueue(s, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW);
      return described.pollers?.some((poller) => poller.identity === s.identity && poller.lastAccessTime);
    });
    const activities = await describeQueue(s, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY);
    assert.equal(activities.pollers?.length ?? 0, 0);
    await s.respondWorkflowTask(task, [completeWorkflow()]);
    assert.equal(await s.status(execution), 'Completed');
  });

  scenario(env, 'the backlog is counted and aged, and empties', async (s) => {
    for (let index = 0; index < 5; index += 1) await s.start({ workflowId: `${s.id}-${index}` });
    await waitUntil(async () => {
      const described = await describeQueue(s, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, { reportStats: true });
      return Number(described.stats?.approximateBacklogCount) === 5 || undefined;
    });
    await waitUntil(async () => {
      const aged = await describeQueue(s, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, { reportStats: true });
      return Number(aged.stats?.approximateBacklogAge?.seconds ?? 0) >= 1;
    });
    for (let index = 0; index < 5; index += 1) await s.next(completeWorkflow());
    await waitUntil(async () => {
      const described = await describeQueue(s, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, { reportStats: true });
      return Number(described.stats?.approximateBacklogCount) === 0;
    });
  });

  scenario(env, 'a backlog is handed out completely, each task once', async (s) => {
    const expected = new Set<string>();
    for (let index = 0; index < 30; index += 1) {
      await s.start({ workflowId: `${s.id}-${index}` });
      expected.add(`${s.id}-${index}`);
    }
    const seen: string[] = [];
    await Promise.all(
      Array.from({ length: 3 }, async () => {
        for (let index = 0; index < 10; index += 1) {
          const task = await s.next(completeWorkflow());
          seen.push(task.workflowExecution?.workflowId ?? '');
        }
      }),
    );
    assert.deepEqual([...seen].sort(), [...expected].sort());
    await s.expectNoWorkflowTask();
  });

  scenario(env, 'a poll that waits gets a task as soon as there is one', async (s) => {
    const waiting = s.pollWorkflowTask();
    await pause(300);
    const began = Date.now();
    await s.start();
    const task = await waiting;
    assert.ok(Date.now() - began < 1_000);
    await s.respondWorkflowTask(task, [completeWorkflow()]);
  });

  scenario(env, 'polls that are cancelled take no task', async (s) => {
    for (let round = 0; round < 5; round += 1) {
      const abort = new AbortController();
      const polls = Array.from({ length: 4 }, () =>
        env.connection
          .withDeadline(Date.now() + 10_000, () =>
            env.connection.withAbortSignal(abort.signal, () =>
              s.service.pollWorkflowTaskQueue({ namespace: s.namespace, taskQueue: { name: s.taskQueue } }),
            ),
          )
          .catch(() => undefined),
      );
      await pause(60);
      abort.abort();
      await Promise.all(polls);
      await pause(60);
      await s.start({ workflowId: `${s.id}-${round}` });
      const task = await s.next(completeWorkflow());
      assert.equal(task.workflowExecution?.workflowId, `${s.id}-${round}`);
      assert.equal(task.attempt, 1);
    }
  });

  scenario(env, 'a worker’s rate limit holds activities back', async (s) => {
    await s.start();
    await s.next(
      ...Array.from({ length: 6 }, (_, index) => scheduleActivity(s.taskQueue, { activityId: `a${index}` })),
    );
    const began = Date.now();
    for (let index = 0; index < 6; index += 1) {
      const task = await env.connection.withDeadline(Date.now() + 20_000, () =>
        s.service.pollActivityTaskQueue({
          namespace: s.namespace,
          taskQueue: { name: s.taskQueue },
          identity: s.identity,
          taskQueueMetadata: { maxTasksPerSecond: { value: 2 } },
        }),
      );
      assert.ok(task.taskToken.length > 0);
      await s.completeActivity(task.taskToken);
    }
    assert.ok(Date.now() - began >= 1_000, `six tasks at two a second took ${Date.now() - began} ms`);
  });

  scenario(env, 'partitions', async (s) => {
    const partitions = await s.service.listTaskQueuePartitions({
      namespace: s.namespace,
      taskQueue: { name: s.taskQueue },
    });
    assert.ok((partitions.workflowTaskQueuePartitions ?? []).length >= 1);
    assert.equal(partitions.workflowTaskQueuePartitions?.[0]?.key, s.taskQueue);
    assert.ok((partitions.activityTaskQueuePartitions ?? []).length >= 1);
  });

  scenario(env, 'a task queue that nobody uses', async (s) => {
    const described = await describeQueue(s, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY, { reportStats: true });
    assert.equal(described.pollers?.length ?? 0, 0);
    assert.equal(Number(described.stats?.approximateBacklogCount ?? 0), 0);
  });
});
