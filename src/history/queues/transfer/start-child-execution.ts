import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const startChildExecution: ShardTaskExecutor = async () => {
  throw unimplemented('startChildExecution');
};
