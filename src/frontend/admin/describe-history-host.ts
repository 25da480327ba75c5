// AdminService.DescribeHistoryHost: the shards of a host. Each of its threads answers for its own; here they are put together.
// Main loop.

import { DescribeHistoryHostRequest, DescribeHistoryHostResponse } from '#proto/temporal/server/api/adminservice/v1';
import { whenReady } from '../../base/maybe-promise.ts';
import { invalidArgument, notFound } from '../../proto/service-errors.ts';
import { shardIdOf } from '../../runtime/shard-id.ts';
import { checkExecution } from '../checks/execution.ts';
import { adminRpc } from '../rpc.ts';
import type { RpcCall } from '../rpc-call.ts';

export const describeHistoryHost = adminRpc({
  method: 'DescribeHistoryHost',
  namespaceRule: 'none',
  read: DescribeHistoryHostRequest.decode,
  handle: async (request, call) => {
    const { hostAddress, shardId, namespace, workflowExecution } = request;
    const ways = [shardId !== 0, namespace !== '' && workflowExecution !== undefined, hostAddress !== ''];
    if (ways.filter(Boolean).length !== 1) {
      throw invalidArgument('must provide one and only one: shard id or namespace & workflow id or host address');
    }
    const { services } = call;
    let target = shardId;
    if (workflowExecution !== undefined) {
      const { id } = await whenReady(services.namespaces.resolveName(namespace), (record) => record);
      target = shardIdOf(id, checkExecution(workflowExecution).workflowId, services.shardCount);
    }
    const address = target === 0 ? hostAddress : (await shardsOfThread(call, target)).address;
    const shardIds = await shardsOfHost(call, address);
    if (shardIds.length === 0) throw notFound(`no history host at ${address}`);
    return DescribeHistoryHostResponse.encode({
      shardsNumber: shardIds.length,
      shardIds,
      address,
      namespaceCache: namespaceCounts(call),
    });
  },
});

async function shardsOfThread(call: RpcCall, shardId: number): Promise<DescribeHistoryHostResponse> {
  return DescribeHistoryHostResponse.decode(await call.toShard('DescribeHistoryHost', shardId));
}

/** One call per thread: each answers for all its shards. */
async function shardsOfHost(call: RpcCall, address: string): Promise<number[]> {
  const seen = new Set<number>();
  const owned: number[] = [];
  for (let shardId = 1; shardId <= call.services.shardCount; shardId++) {
    if (seen.has(shardId)) continue;
    const thread = await shardsOfThread(call, shardId);
    for (const id of thread.shardIds) seen.add(id);
    if (thread.address === address) owned.push(...thread.shardIds);
  }
  return owned.sort((a, b) => a - b);
}

function namespaceCounts(call: RpcCall) {
  const count = call.services.namespaces.size ?? 0;
  return { itemsInCacheByIdCount: count, itemsInCacheByNameCount: count };
}
