// Changes what an activity without a workflow runs with: queue, timeouts, retries, priority; or takes such changes back.

import {
  UpdateActivityExecutionOptionsRequest,
  UpdateActivityExecutionOptionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { camelPaths } from '../../base/field-mask.ts';
import { optionsOf } from '../activity-execution/options.ts';
import { changeOptions } from '../activity-execution/update-options.ts';
import type { ApiHandler } from '../engine.ts';

export const updateActivityExecutionOptions: ApiHandler = async (_engine, shard, api) => {
  const request = UpdateActivityExecutionOptionsRequest.decode(api.request);
  const execution = await shard.activities.get(api.namespaceId, request.activityId, request.runId);
  const activityOptions = await shard.activities.update(execution, () => {
    if (execution.state.updateOptionsRequestId !== request.requestId) {
      changeOptions(execution, {
        restoreOriginal: request.restoreOriginal,
        from: request.activityOptions,
        paths: camelPaths(request.updateMask),
      });
      execution.state.updateOptionsRequestId = request.requestId;
    }
    return optionsOf(execution);
  });
  return UpdateActivityExecutionOptionsResponse.encode({ activityOptions });
};
