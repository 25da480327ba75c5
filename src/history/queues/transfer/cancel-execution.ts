import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const cancelExecution: ShardTaskExecutor = async () => {
  throw unimplemented('cancelExecution');
};
