// The fields that the frontend fills where Temporal fills them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { TaskQueueApiRequest } from '#proto/ostinato/matching/v1';
import { ApiRequest as WorkerApiRequest } from '#proto/ostinato/worker/v1';
import {
  HistoryEventFilterType,
  QueryRejectCondition,
  ResetReapplyType,
  TaskQueueType,
} from '#proto/temporal/api/enums/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';

test('defaults are filled where Temporal fills them', async () => {
  const harness = new FrontendHarness();
  const execution = { workflowId: 'order-1', runId: '' };
  await harness.call(
    'TerminateWorkflowExecution',
    api.TerminateWorkflowExecutionRequest.encode({ namespace: 'default', workflowExecution: execution }),
  );
  const terminate = harness.lastRequest(ApiRequest, api.TerminateWorkflowExecutionRequest);
  assert.equal(terminate.reason, 'terminated by user via frontend');
  assert.equal(terminate.identity, 'frontend-service');

  await harness.call(
    'ResetWorkflowExecution',
    api.ResetWorkflowExecutionRequest.encode({ namespace: 'default', workflowExecution: execution, requestId: 'r' }),
  );
  const reset = harness.lastRequest(ApiRequest, api.ResetWorkflowExecutionRequest);
  assert.equal(reset.resetReapplyType, ResetReapplyType.ALL_ELIGIBLE);

  await harness.call(
    'GetWorkflowExecutionHistory',
    api.GetWorkflowExecutionHistoryRequest.encode({ namespace: 'default', execution, maximumPageSize: 5000 }),
  );
  const history = harness.lastRequest(ApiRequest, api.GetWorkflowExecutionHistoryRequest);
  assert.equal(history.maximumPageSize, 256);
  assert.equal(history.historyEventFilterType, HistoryEventFilterType.ALL_EVENT);

  await harness.call(
    'QueryWorkflow',
    api.QueryWorkflowRequest.encode({ namespace: 'default', execution, query: { queryType: 'q' } }),
  );
  assert.equal(
    harness.lastRequest(ApiRequest, api.QueryWorkflowRequest).queryRejectCondition,
    QueryRejectCondition.NONE,
  );

  await harness.call(
    'UpdateWorkflowExecution',
    api.UpdateWorkflowExecutionRequest.encode({
      namespace: 'default',
      workflowExecution: execution,
      request: { meta: { identity: 'me' }, input: { name: 'add' } },
    }),
  );
  const update = harness.lastRequest(ApiRequest, api.UpdateWorkflowExecutionRequest);
  assert.equal(update.request?.meta?.updateId, '00000000-0000-4000-8000-000000000001');
  assert.equal(update.request?.meta?.identity, 'me');
  assert.equal(update.waitPolicy?.lifecycleStage, 3);

  await harness.call(
    'ListWorkflowExecutions',
    api.ListWorkflowExecutionsRequest.encode({ namespace: 'default', pageSize: 5000, query: 'x' }),
  );
  const list = harness.lastRequest(WorkerApiRequest, api.ListWorkflowExecutionsRequest);
  assert.equal(list.pageSize, 1000);
  assert.equal(list.query, 'x');
});

test('DescribeTaskQueue fills what is described', async () => {
  const harness = new FrontendHarness();
  await harness.call(
    'DescribeTaskQueue',
    api.DescribeTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: '/_sys/q/3' } }),
  );
  assert.equal(harness.routed[0]?.target, `${NAMESPACE_ID}:/_sys/q/3:1`);
  const request = harness.lastRequest(TaskQueueApiRequest, api.DescribeTaskQueueRequest);
  assert.equal(request.taskQueueType, TaskQueueType.WORKFLOW);
  assert.deepEqual(request.taskQueueTypes, [TaskQueueType.WORKFLOW, TaskQueueType.ACTIVITY]);
});
