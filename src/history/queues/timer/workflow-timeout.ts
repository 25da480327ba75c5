import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const workflowRunTimeout: ShardTaskExecutor = async () => {
  throw unimplemented('workflowRunTimeout');
};
export const workflowExecutionTimeout: ShardTaskExecutor = async () => {
  throw unimplemented('workflowExecutionTimeout');
};
