// GetSystemInfo: what clients and workers may use here. It must be true: SDKs act on it. Main loop.

import { GetSystemInfoRequest, GetSystemInfoResponse } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const getSystemInfo = workflowRpc({
  method: 'GetSystemInfo',
  namespaceRule: 'none',
  read: GetSystemInfoRequest.decode,
  handle: (_request, call) =>
    GetSystemInfoResponse.encode({
      serverVersion: call.services.serverVersion,
      capabilities: {
        signalAndQueryHeader: true,
        internalErrorDifferentiation: true,
        activityFailureIncludeHeartbeat: true,
        encodedFailureAttributes: true,
        upsertMemo: true,
        eagerWorkflowStart: true,
        sdkMetadata: true,
        countGroupByExecutionStatus: true,
        // Workers say their build id, and replay finds it in history. Tasks are not yet given out by it.
        buildIdBasedVersioning: true,
        // Not yet here: schedules, Nexus, server-scaled deployments.
        supportsSchedules: false,
        nexus: false,
        serverScaledDeployments: false,
      },
    }),
});
