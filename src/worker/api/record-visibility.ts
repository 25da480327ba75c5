// RecordVisibility: what history tells of executions. Answered when it is written.

import { Empty, RecordVisibilityRequest } from '#proto/ostinato/worker/v1';
import type { Handler } from '../../runtime/service.ts';
import type { WorkerContext } from '../worker-context.ts';

export function recordVisibility(context: WorkerContext): Handler {
  return async (bytes) => {
    await context.writer.record(RecordVisibilityRequest.decode(bytes).records);
    return Empty.encode({});
  };
}
