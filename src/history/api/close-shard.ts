// Admin: drops a shard's memory and loads the shard anew.

import { CloseShardResponse } from '#proto/temporal/server/api/adminservice/v1';
import type { ShardHandler } from '../engine.ts';

export const closeShard: ShardHandler = async (engine, shard) => {
  await engine.host.reload(shard.shardId);
  return CloseShardResponse.encode({});
};
