// Admin: the shards of this thread. The frontend puts the threads of a host together.

import { DescribeHistoryHostResponse } from '#proto/temporal/server/api/adminservice/v1';
import type { ShardHandler } from '../engine.ts';

export const describeHistoryHost: ShardHandler = (engine) => {
  const shardIds = [...engine.host.shardIds];
  return DescribeHistoryHostResponse.encode({ shardsNumber: shardIds.length, shardIds, address: engine.hostName });
};
