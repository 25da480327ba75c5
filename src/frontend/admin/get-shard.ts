// AdminService.GetShard. Main loop.

import { GetShardRequest } from '#proto/temporal/server/api/adminservice/v1';
import { adminRpc } from '../rpc.ts';

export const getShard = adminRpc({
  method: 'GetShard',
  namespaceRule: 'none',
  read: GetShardRequest.decode,
  handle: (request, call) => call.toShard('GetShard', request.shardId),
});
