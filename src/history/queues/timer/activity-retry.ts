import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const activityRetry: ShardTaskExecutor = async () => {
  throw unimplemented('activityRetry');
};
