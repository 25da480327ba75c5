// AdminService.CloseShard. Main loop.

import { CloseShardRequest } from '#proto/temporal/server/api/adminservice/v1';
import { adminRpc } from '../rpc.ts';

export const closeShard = adminRpc({
  method: 'CloseShard',
  namespaceRule: 'none',
  read: CloseShardRequest.decode,
  handle: (request, call) => call.toShard('CloseShard', request.shardId),
});
