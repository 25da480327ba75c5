// For tests: requests about one workflow, valid as they are.

import { TaskToken } from '#proto/ostinato/token/v1';
import { TaskQueueKind } from '#proto/temporal/api/enums/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { NAMESPACE_ID } from './frontend-harness.ts';

export const START = {
  namespace: 'default',
  workflowId: 'order-1',
  workflowType: { name: 'Order' },
  taskQueue: { name: 'orders', kind: TaskQueueKind.NORMAL },
};
export const start = (fields: api.StartWorkflowExecutionRequestInit = {}) =>
  api.StartWorkflowExecutionRequest.encode({ ...START, ...fields });
export const describe = (namespace = 'default') =>
  api.DescribeWorkflowExecutionRequest.encode({ namespace, execution: { workflowId: 'order-1' } });
export const TASK_TOKEN = TaskToken.encode({ namespaceId: NAMESPACE_ID, workflowId: 'order-1', activityId: 'a' });
export const BYTES_10 = new Uint8Array([0x0a, 0x08, 1, 2, 3, 4, 5, 6, 7, 8]);
