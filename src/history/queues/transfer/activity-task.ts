import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const activityTask: ShardTaskExecutor = async () => {
  throw unimplemented('activityTask');
};
