// AdminService on the port of a server with several history threads: what operators' tools ask of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { Connection } from '@temporalio/client';
import * as admin from '#proto/temporal/server/api/adminservice/v1';
import { GrpcCode } from '../../src/base/service-error.ts';
import type { MessageCodec } from '../../src/proto/wire.ts';
import { ServerProcess } from './server-process.ts';

const SHARDS = 8;
let server: ServerProcess;
let client: Client;
let connection: Connection;

before(async () => {
  server = new ServerProcess(['start-dev', '--port', '0', '--shards', String(SHARDS), '--history-threads', '2']);
  const address = await server.ready();
  client = new Client(address, credentials.createInsecure());
  connection = await Connection.connect({ address });
});
after(async () => {
  client.close();
  await connection.close();
  await server.stop();
});

function call<Q, QInit, R, RInit>(
  method: string,
  [request, response]: readonly [MessageCodec<Q, QInit>, MessageCodec<R, RInit>],
  message: QInit,
): Promise<R> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      `/temporal.server.api.adminservice.v1.AdminService/${method}`,
      (init: QInit) => Buffer.from(request.encode(init)),
      (bytes) => response.decode(bytes),
      message,
      (error: ServiceError | null, answer) => (error === null ? resolve(answer as R) : reject(error)),
    );
  });
}

test('a history host has the shards of all its threads, however it is asked for', async () => {
  const codecs = [admin.DescribeHistoryHostRequest, admin.DescribeHistoryHostResponse] as const;
  const all = Array.from({ length: SHARDS }, (_, index) => index + 1);
  const byShard = await call('DescribeHistoryHost', codecs, { shardId: 3 });
  assert.deepEqual(byShard.shardIds, all);
  assert.ok((byShard.namespaceCache?.itemsInCacheByIdCount ?? 0) >= 2);
  const byAddress = await call('DescribeHistoryHost', codecs, { hostAddress: byShard.address });
  assert.deepEqual(byAddress.shardIds, all);
  const execution = { namespace: 'default', workflowExecution: { workflowId: 'any' } };
  assert.deepEqual((await call('DescribeHistoryHost', codecs, execution)).shardIds, all);
  await assert.rejects(call('DescribeHistoryHost', codecs, { shardId: 3, hostAddress: 'too' }), {
    code: GrpcCode.INVALID_ARGUMENT,
  });
});

test('a closed shard comes back with the next range', async () => {
  const get = [admin.GetShardRequest, admin.GetShardResponse] as const;
  const { shardInfo } = await call('GetShard', get, { shardId: 5 });
  assert.equal(shardInfo?.shardId, 5);
  await call('CloseShard', [admin.CloseShardRequest, admin.CloseShardResponse], { shardId: 5 });
  const again = await call('GetShard', get, { shardId: 5 });
  assert.equal(again.shardInfo?.rangeId, (shardInfo?.rangeId ?? 0) + 1);
  await assert.rejects(call('GetShard', get, { shardId: SHARDS + 1 }), {
    code: GrpcCode.INVALID_ARGUMENT,
    details: `Invalid ShardID: ${SHARDS + 1}`,
  });
});

test('a namespace is shown as it is stored, without what the server can do', async () => {
  const get = [admin.GetNamespaceRequest, admin.GetNamespaceResponse] as const;
  const { info, config } = await call('GetNamespace', get, { namespace: 'default' });
  assert.equal(info?.name, 'default');
  assert.equal(info.capabilities, undefined);
  assert.equal(info.limits, undefined);
  assert.ok(config?.workflowExecutionRetentionTtl);
});

test('the cluster is described', async () => {
  const described = await call('DescribeCluster', [admin.DescribeClusterRequest, admin.DescribeClusterResponse], {});
  assert.equal(described.historyShardCount, SHARDS);
  assert.deepEqual(
    described.membershipInfo?.rings.map(({ role }) => role),
    ['frontend', 'history', 'matching', 'worker'],
  );
  const { clusters } = await call('ListClusters', [admin.ListClustersRequest, admin.ListClustersResponse], {});
  assert.equal(clusters[0]?.clusterId, described.clusterId);
});

test('search attributes are added, listed and removed', async () => {
  const namespace = 'default';
  const searchAttributes = new Map([['Colour', 2]]);
  const add = [admin.AddSearchAttributesRequest, admin.AddSearchAttributesResponse] as const;
  const get = [admin.GetSearchAttributesRequest, admin.GetSearchAttributesResponse] as const;
  await call('AddSearchAttributes', add, { namespace, searchAttributes });
  assert.equal((await call('GetSearchAttributes', get, { namespace })).customAttributes.get('Colour'), 2);
  await assert.rejects(call('AddSearchAttributes', add, { namespace, searchAttributes }), {
    code: GrpcCode.ALREADY_EXISTS,
    details: 'Search attribute Colour already exists.',
  });
  const remove = [admin.RemoveSearchAttributesRequest, admin.RemoveSearchAttributesResponse] as const;
  await call('RemoveSearchAttributes', remove, { namespace, searchAttributes: ['Colour'] });
  assert.equal((await call('GetSearchAttributes', get, { namespace })).customAttributes.has('Colour'), false);
});

test("a run's state and raw history are shown; a call without namespace is refused", async () => {
  const { runId } = await connection.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId: 'shown',
    workflowType: { name: 'type' },
    taskQueue: { name: 'queue' },
    requestId: 'request',
  });
  const describe = [admin.DescribeMutableStateRequest, admin.DescribeMutableStateResponse] as const;
  const execution = { workflowId: 'shown' };
  const { databaseMutableState } = await call('DescribeMutableState', describe, { namespace: 'default', execution });
  assert.equal(databaseMutableState?.executionState?.runId, runId);
  await assert.rejects(call('DescribeMutableState', describe, { execution }), {
    details: 'Namespace not set on request.',
  });
  const raw = [admin.GetWorkflowExecutionRawHistoryV2Request, admin.GetWorkflowExecutionRawHistoryV2Response] as const;
  const page = await call('GetWorkflowExecutionRawHistoryV2', raw, {
    namespaceId: databaseMutableState?.executionInfo?.namespaceId ?? '',
    execution: { workflowId: 'shown', runId: runId ?? '' },
    endEventId: 100,
    maximumPageSize: 10,
  });
  assert.deepEqual(page.historyNodeIds, [1]);
  assert.equal(page.historyBatches.length, 1);
});
