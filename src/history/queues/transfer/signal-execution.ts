import { unimplemented } from '../../../proto/service-errors.ts';
import type { ShardTaskExecutor } from '../transfer-executor.ts';

export const signalExecution: ShardTaskExecutor = async () => {
  throw unimplemented('signalExecution');
};
