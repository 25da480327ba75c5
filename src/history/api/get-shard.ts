// Admin: a shard's range, owner and queue levels.

import { GetShardResponse } from '#proto/temporal/server/api/adminservice/v1';
import type { QueueStateInit } from '#proto/temporal/server/api/persistence/v1';
import { TaskCategory } from '../../persistence/index.ts';
import { TEMPORAL_CATEGORY } from '../admin/task-category.ts';
import type { ShardHandler } from '../engine.ts';

export const getShard: ShardHandler = (_engine, shard) => {
  const { shardId, rangeId, owner, updateTime, queues } = shard.describe();
  const immediate = (level: number): QueueStateInit => ({
    exclusiveReaderHighWatermark: { fireTime: 0, taskId: level },
  });
  return GetShardResponse.encode({
    shardInfo: {
      shardId,
      rangeId,
      owner,
      updateTime,
      queueStates: new Map([
        [TEMPORAL_CATEGORY[TaskCategory.TRANSFER], immediate(queues?.transferAckLevel ?? 0)],
        [
          TEMPORAL_CATEGORY[TaskCategory.TIMER],
          {
            exclusiveReaderHighWatermark: {
              fireTime: queues?.timerAckTimeMs ?? 0,
              taskId: queues?.timerAckTaskId ?? 0,
            },
          },
        ],
        [TEMPORAL_CATEGORY[TaskCategory.VISIBILITY], immediate(queues?.visibilityAckLevel ?? 0)],
      ]),
    },
  });
};
