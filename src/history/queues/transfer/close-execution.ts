import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const closeExecution: ShardTaskExecutor = async () => {
  throw unimplemented('closeExecution');
};
