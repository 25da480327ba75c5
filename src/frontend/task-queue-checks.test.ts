// What the frontend refuses of calls about a task queue, with Temporal's codes and words, method by method. Each row is a valid request with one fault.

import { DescribeTaskQueueMode, TaskQueueKind } from '#proto/temporal/api/enums/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { LONG, namespaceRows } from './testing/check-rows.ts';
import { refuses } from './testing/refuses.ts';

refuses('DescribeTaskQueue', api.DescribeTaskQueueRequest, { namespace: 'default', taskQueue: { name: 'q' } }, [
  ...namespaceRows(api.DescribeTaskQueueRequest),
  { fault: 'no task queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  {
    fault: 'a malformed partition',
    change: { taskQueue: { name: '/_sys/q/x' } },
    message: 'invalid task queue partition name /_sys/q/x',
  },
  {
    fault: 'a sticky queue, enhanced',
    change: { apiMode: DescribeTaskQueueMode.ENHANCED, taskQueue: { name: 'q', kind: TaskQueueKind.STICKY } },
    message: 'Enhanced DescribeTaskQueue is not valid for a sticky queue, use api_mode=UNSPECIFIED or a normal queue.',
  },
  {
    fault: 'too many build ids',
    change: { reportTaskReachability: true, versions: { buildIds: ['1', '2', '3', '4', '5', '6'] } },
    message: 'Too many build ids queried at once with ReportTaskReachability==true, limit: 5',
  },
]);
refuses(
  'ListTaskQueuePartitions',
  api.ListTaskQueuePartitionsRequest,
  { namespace: 'default', taskQueue: { name: 'q' } },
  [
    ...namespaceRows(api.ListTaskQueuePartitionsRequest),
    { fault: 'no task queue', change: { taskQueue: undefined }, message: 'taskQueue is not set' },
  ],
);
refuses(
  'UpdateTaskQueueConfig',
  api.UpdateTaskQueueConfigRequest,
  { namespace: 'default', taskQueue: 'q', taskQueueType: 2 },
  [
    {
      fault: 'a rate limit on workflows',
      change: { taskQueueType: 1, updateQueueRateLimit: { rateLimit: { requestsPerSecond: 1 } } },
      message: 'Setting rate limit on workflow task queues is not allowed.',
    },
    {
      fault: 'a negative rate',
      change: { updateQueueRateLimit: { rateLimit: { requestsPerSecond: -1 } } },
      message: 'RequestsPerSecond for UpdateQueueRateLimit rate limit must be non-negative.',
    },
    {
      fault: 'a long reason',
      change: { updateQueueRateLimit: { rateLimit: { requestsPerSecond: 1 }, reason: LONG } },
      message: 'UpdateQueueRateLimit.Reason field too long (max 1000 characters).',
    },
    {
      fault: 'a long identity',
      change: { identity: LONG },
      message: 'Identity field too long (max 1000 characters).',
    },
    {
      fault: 'an empty fairness key',
      change: { setFairnessWeightOverrides: new Map([['', 1]]) },
      message: 'fairness weight override key must not be empty',
    },
    {
      fault: 'a fairness weight of zero',
      change: { setFairnessWeightOverrides: new Map([['k', 0]]) },
      message: 'invalid fairness weight weight for key "k": must be greater than zero',
    },
    {
      fault: 'a key set and unset',
      change: { setFairnessWeightOverrides: new Map([['k', 1]]), unsetFairnessWeightOverrides: ['k'] },
      message: 'fairness weight override key "k" present in both set and unset lists',
    },
  ],
);
