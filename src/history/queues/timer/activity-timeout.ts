import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const activityTimeout: ShardTaskExecutor = async () => {
  throw unimplemented('activityTimeout');
};
