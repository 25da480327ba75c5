import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const deleteExecution: ShardTaskExecutor = async () => {
  throw unimplemented('deleteExecution');
};
