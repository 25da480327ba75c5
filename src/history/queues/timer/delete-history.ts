import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const deleteHistory: ShardTaskExecutor = async () => {
  throw unimplemented('deleteHistory');
};
