// RecordWorkerHeartbeat. Differs: heartbeats of workers are not kept, and DescribeNamespace does not announce that they are; what
// arrives is answered as by a Temporal with frontend.WorkerHeartbeatsEnabled off. Main loop.

import { RecordWorkerHeartbeatRequest, RecordWorkerHeartbeatResponse } from '#proto/temporal/api/workflowservice/v1';
import { workflowRpc } from '../rpc.ts';

export const recordWorkerHeartbeat = workflowRpc({
  method: 'RecordWorkerHeartbeat',
  read: RecordWorkerHeartbeatRequest.decode,
  handle: () => RecordWorkerHeartbeatResponse.encode({}),
});
