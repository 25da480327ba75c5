// Task queues: what is said of them, and their configuration.

import { LONG, type OddCall, type Request, workflow } from './odd-call.ts';

const queue =
  (more: Request = {}, suffix = ''): OddCall =>
  ({ namespace, taskQueue }) => [
    'workflow',
    'describeTaskQueue',
    { namespace, taskQueue: { name: `${taskQueue}${suffix}` }, ...more },
  ];
const queueConfig =
  (more: Request): OddCall =>
  ({ namespace, taskQueue }) => [
    'workflow',
    'updateTaskQueueConfig',
    { namespace, identity: 'operator', taskQueue: `${taskQueue}-configured`, taskQueueType: 2, ...more },
  ];
const limit = (requestsPerSecond: number, reason = 'a reason') => ({ rateLimit: { requestsPerSecond }, reason });
export const queues: Readonly<Record<string, OddCall>> = {
  'queue of workflows': queue({ taskQueueType: 1 }),
  'queue of workflows with statistics': queue({ taskQueueType: 1, reportStats: true }),
  'queue of workflows with its configuration': queue({ taskQueueType: 1, reportConfig: true }),
  'queue with its status': queue({ taskQueueType: 1, includeTaskQueueStatus: true }),
  'queue of activities': queue({ taskQueueType: 2 }, '-a0'),
  'queue of activities with its configuration': queue({ taskQueueType: 2, reportConfig: true }, '-configured'),
  'queue of nobody': queue({ taskQueueType: 2 }, '-nobody'),
  'queue in the enhanced mode': queue({ apiMode: 1, reportPollers: true }),
  'queue in the enhanced mode, of activities': queue({ apiMode: 1, taskQueueTypes: [2], reportPollers: true }),
  'queue in the enhanced mode, sticky': ({ namespace }) => [
    'workflow',
    'describeTaskQueue',
    { namespace, apiMode: 1, taskQueue: { name: 's', kind: 2, normalName: 'n' } },
  ],
  'queue by a partition name': ({ namespace }) => [
    'workflow',
    'describeTaskQueue',
    { namespace, taskQueue: { name: '/_sys/q/1' }, taskQueueType: 1 },
  ],
  'queue with a long name': workflow('describeTaskQueue', { taskQueue: { name: LONG }, taskQueueType: 1 }),
  'partitions of a queue': ({ namespace, taskQueue }) => [
    'workflow',
    'listTaskQueuePartitions',
    { namespace, taskQueue: { name: taskQueue } },
  ],
  'queue config with a rate': queueConfig({ updateQueueRateLimit: limit(50) }),
  'queue config without rates again': queueConfig({ updateQueueRateLimit: { reason: 'none' } }),
  'queue config with a rate for each key': queueConfig({ updateFairnessKeyRateLimitDefault: limit(5) }),
  'queue config with a negative rate': queueConfig({ updateQueueRateLimit: limit(-1) }),
  'queue config with a long reason': queueConfig({ updateQueueRateLimit: limit(1, LONG) }),
  'queue config of workflows': queueConfig({ taskQueueType: 1, updateQueueRateLimit: limit(1) }),
  'queue config of workflows for each key': queueConfig({
    taskQueueType: 1,
    updateFairnessKeyRateLimitDefault: limit(1),
  }),
  'queue config with a long identity': queueConfig({ identity: LONG, updateQueueRateLimit: limit(1) }),
  'queue config with a negative weight': queueConfig({ setFairnessWeightOverrides: { key: -1 } }),
  'queue config with an empty key': queueConfig({ setFairnessWeightOverrides: { '': 1 } }),
  'queue config with a long key': queueConfig({ unsetFairnessWeightOverrides: ['x'.repeat(100)] }),
  'queue config with a key set and unset': queueConfig({
    setFairnessWeightOverrides: { key: 1 },
    unsetFairnessWeightOverrides: ['key'],
  }),
  'queue config with weights': queueConfig({ setFairnessWeightOverrides: { key: 2.5 } }),
  'queue config with a negative rate for each key': queueConfig({ updateFairnessKeyRateLimitDefault: limit(-1) }),
  'worker shut down': ({ namespace, taskQueue }) => [
    'workflow',
    'shutdownWorker',
    { namespace, stickyTaskQueue: `${taskQueue}-sticky`, identity: 'worker', reason: 'over' },
  ],
};
