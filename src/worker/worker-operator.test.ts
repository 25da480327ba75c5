import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { DeleteNamespaceQueuesRequest } from '#proto/ostinato/matching/v1';
import {
  Empty,
  ListNamespaceRecordsRequest,
  ListNamespaceRecordsResponse,
  RecordVisibilityRequest,
} from '#proto/ostinato/worker/v1';
import { SearchAttributes } from '#proto/temporal/api/common/v1';
import { IndexedValueType, NamespaceState } from '#proto/temporal/api/enums/v1';
import {
  AddSearchAttributesRequest,
  AddSearchAttributesResponse,
  DeleteNamespaceRequest,
  type DeleteNamespaceRequestInit,
  DeleteNamespaceResponse,
  ListClustersRequest,
  ListClustersResponse,
  ListSearchAttributesRequest,
  ListSearchAttributesResponse,
  RemoveSearchAttributesRequest,
  RemoveSearchAttributesResponse,
} from '#proto/temporal/api/operatorservice/v1';
import {
  DeleteActivityExecutionRequest,
  DeleteWorkflowExecutionRequest,
  DeleteWorkflowExecutionResponse,
  DescribeNamespaceRequest,
  DescribeNamespaceResponse,
  GetClusterInfoRequest,
  GetClusterInfoResponse,
  GetSearchAttributesRequest,
  GetSearchAttributesResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { MemoryStoreFactory } from '../persistence/index.ts';
import { notFound } from '../proto/service-errors.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { ACTIVITY_DIVISION, encodeValue } from '../visibility/index.ts';
import { MemoryVisibilityStore } from '../visibility/memory/memory-visibility-store.ts';
import { startWorker, type TestWorker } from './testing/start-worker.ts';

const { KEYWORD, INT, BOOL } = IndexedValueType;
const NAMESPACE = 'shop';

const refused = (code: number, message: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError, String(error));
  assert.equal(error.message, message);
  assert.equal(error.code, code);
  return true;
};
const invalid = (message: string) => refused(GrpcCode.INVALID_ARGUMENT, message);

async function startShop(options: Parameters<typeof startWorker>[0] = {}): Promise<TestWorker> {
  const worker = await startWorker(options);
  await worker.service.ensureNamespaces([NAMESPACE]);
  return worker;
}

const add = (worker: TestWorker, attributes: Record<string, IndexedValueType>, namespace = NAMESPACE) =>
  worker.call('AddSearchAttributes', [AddSearchAttributesRequest, AddSearchAttributesResponse], {
    namespace,
    searchAttributes: new Map(Object.entries(attributes)),
  });
const remove = (worker: TestWorker, ...searchAttributes: string[]) =>
  worker.call('RemoveSearchAttributes', [RemoveSearchAttributesRequest, RemoveSearchAttributesResponse], {
    namespace: NAMESPACE,
    searchAttributes,
  });
const customAttributes = async (worker: TestWorker) =>
  (
    await worker.call('ListSearchAttributes', [ListSearchAttributesRequest, ListSearchAttributesResponse], {
      namespace: NAMESPACE,
    })
  ).customAttributes;
const describeNamespace = (worker: TestWorker, namespace: string) =>
  worker.call('DescribeNamespace', [DescribeNamespaceRequest, DescribeNamespaceResponse], { namespace });

describe('search attributes', () => {
  test('added ones are listed by their names until they are removed', async () => {
    const worker = await startShop();
    await add(worker, { CustomerId: KEYWORD, Items: INT, Region: KEYWORD });
    assert.deepEqual(
      await customAttributes(worker),
      new Map([
        ['CustomerId', KEYWORD],
        ['Items', INT],
        ['Region', KEYWORD],
      ]),
    );
    const { config } = await describeNamespace(worker, NAMESPACE);
    assert.deepEqual(
      config?.customSearchAttributeAliases,
      new Map([
        ['Keyword01', 'CustomerId'],
        ['Int01', 'Items'],
        ['Keyword02', 'Region'],
      ]),
    );
    await remove(worker, 'CustomerId', 'Unknown');
    assert.deepEqual([...(await customAttributes(worker)).keys()].sort(), ['Items', 'Region']);
    await add(worker, { Country: KEYWORD });
    assert.equal(
      (await describeNamespace(worker, NAMESPACE)).config?.customSearchAttributeAliases.get('Keyword01'),
      'Country',
    );
  });

  test('adding one again changes nothing', async () => {
    const worker = await startShop();
    await add(worker, { CustomerId: KEYWORD });
    await add(worker, { CustomerId: KEYWORD });
    await add(worker, { CustomerId: INT });
    assert.deepEqual(await customAttributes(worker), new Map([['CustomerId', KEYWORD]]));
  });

  test('each type has only so many', async () => {
    const worker = await startShop();
    await add(worker, { A: BOOL, B: BOOL, C: BOOL });
    await assert.rejects(
      add(worker, { D: BOOL }),
      invalid('Unable to create search attributes: cannot have more than 3 search attribute of type Bool.'),
    );
    await assert.rejects(
      add(worker, { D: IndexedValueType.UNSPECIFIED }),
      invalid('Unable to create search attributes: cannot have more than 0 search attribute of type Unspecified.'),
    );
  });

  test('wrong requests get their messages', async () => {
    const worker = await startShop();
    await assert.rejects(add(worker, {}), invalid('SearchAttributes are not set on request.'));
    for (const name of ['WorkflowId', 'BuildIds', 'TemporalAnything', 'Memo']) {
      await assert.rejects(
        add(worker, { [name]: KEYWORD }),
        invalid(`Search attribute ${name} is reserved by system.`),
      );
    }
    await assert.rejects(add(worker, { X: 99 }), invalid('Unknown search attribute type: 99.'));
    await assert.rejects(add(worker, { X: KEYWORD }, ''), invalid('Namespace is not set on request.'));
    await assert.rejects(
      add(worker, { X: KEYWORD }, 'nobody'),
      refused(GrpcCode.UNAVAILABLE, 'Unable to get namespace nobody info with error: Namespace nobody is not found.'),
    );
    await assert.rejects(remove(worker), invalid('SearchAttributes are not set on request.'));
    await assert.rejects(
      remove(worker, 'WorkflowId'),
      invalid('Unable to remove non-custom search attributes: WorkflowId.'),
    );
  });

  test('the cluster lists system attributes and the fields behind custom ones', async () => {
    const worker = await startShop();
    const { keys } = await worker.call(
      'GetSearchAttributes',
      [GetSearchAttributesRequest, GetSearchAttributesResponse],
      {},
    );
    assert.equal(keys.get('WorkflowId'), KEYWORD);
    assert.equal(keys.get('BuildIds'), IndexedValueType.KEYWORD_LIST);
    assert.equal(keys.get('Keyword10'), KEYWORD);
    assert.equal(keys.has('Keyword11'), false);
  });
});

describe('clusters', () => {
  test('the cluster id is made once for a store', async () => {
    const metadataStore = await new MemoryStoreFactory().openMetadataStore();
    const info = async () => {
      const worker = await startWorker({ metadataStore });
      return worker.call('GetClusterInfo', [GetClusterInfoRequest, GetClusterInfoResponse], {});
    };
    const first = await info();
    assert.match(first.clusterId, /^[0-9a-f-]{36}$/);
    assert.equal(first.clusterName, 'active');
    assert.equal(first.serverVersion, '1.31.2');
    assert.equal(first.historyShardCount, 4);
    assert.equal(first.persistenceStore, 'sqlite');
    assert.equal(first.visibilityStore, 'sqlite');
    assert.equal(first.supportedClients.get('temporal-typescript'), '<2.0.0');
    assert.equal((await info()).clusterId, first.clusterId);
  });

  test('the list holds this cluster', async () => {
    const worker = await startWorker();
    const { clusters, nextPageToken } = await worker.call(
      'ListClusters',
      [ListClustersRequest, ListClustersResponse],
      {},
    );
    assert.equal(nextPageToken.length, 0);
    assert.deepEqual(
      clusters.map(({ clusterName, address, historyShardCount }) => ({ clusterName, address, historyShardCount })),
      [{ clusterName: 'active', address: '127.0.0.1:7233', historyShardCount: 4 }],
    );
  });
});

describe('DeleteNamespace', () => {
  const deleteNamespace = (worker: TestWorker, request: DeleteNamespaceRequestInit) =>
    worker.call('DeleteNamespace', [DeleteNamespaceRequest, DeleteNamespaceResponse], request);

  /** History that deletes executions as it is told, and matching that forgets task queues. */
  function services(visibilityStore: MemoryVisibilityStore) {
    const deletedRuns: string[] = [];
    const forgotten: string[] = [];
    return {
      deletedRuns,
      forgotten,
      history: async (_shardId: number, method: string, bytes: Uint8Array) => {
        const { namespaceId, request } = ApiRequest.decode(bytes);
        const isActivity = method === 'DeleteActivityExecution';
        assert.ok(isActivity || method === 'DeleteWorkflowExecution', method);
        const { runId = '' } = isActivity
          ? DeleteActivityExecutionRequest.decode(request)
          : (DeleteWorkflowExecutionRequest.decode(request).workflowExecution ?? {});
        if (runId === 'run-lost') throw notFound('workflow execution not found');
        // Its owner gave a workflow the division of activities.
        if (isActivity && runId === 'run-disguised') throw notFound('activity not found');
        deletedRuns.push(isActivity ? `activity ${runId}` : runId);
        visibilityStore.record([{ kind: 'delete', namespaceId, runId, version: 100 }]);
        return DeleteWorkflowExecutionResponse.encode({});
      },
      matching: async (_key: string, method: string, bytes: Uint8Array) => {
        assert.equal(method, 'DeleteNamespaceQueues');
        forgotten.push(DeleteNamespaceQueuesRequest.decode(bytes).namespaceId);
        return Empty.encode({});
      },
    };
  }

  const recordRuns = (worker: TestWorker, namespaceId: string, ...runIds: string[]) =>
    worker.callInternal('RecordVisibility', [RecordVisibilityRequest, Empty], {
      records: runIds.map((runId) => ({ namespaceId, workflowId: 'w', runId, status: 1, version: 1 })),
    });

  test('activities without a workflow go as such', async () => {
    const visibilityStore = new MemoryVisibilityStore();
    const { deletedRuns, ...calls } = services(visibilityStore);
    const worker = await startShop({ visibilityStore, ...calls });
    const namespaceId = (await describeNamespace(worker, NAMESPACE)).namespaceInfo!.id;
    const searchAttributes = SearchAttributes.encode({
      indexedFields: new Map([['TemporalNamespaceDivision', encodeValue(ACTIVITY_DIVISION, IndexedValueType.KEYWORD)]]),
    });
    await worker.callInternal('RecordVisibility', [RecordVisibilityRequest, Empty], {
      records: ['run-1', 'run-disguised'].map((runId) => ({
        namespaceId,
        workflowId: 'a',
        runId,
        status: 1,
        version: 1,
        searchAttributes,
      })),
    });
    await deleteNamespace(worker, { namespace: NAMESPACE });
    await worker.clock.advance(8000);
    assert.deepEqual(deletedRuns.sort(), ['activity run-1', 'run-disguised']);
  });

  test('the name is free at once, executions, queues and record go in the background', async () => {
    const visibilityStore = new MemoryVisibilityStore();
    const { deletedRuns, forgotten, ...calls } = services(visibilityStore);
    const worker = await startShop({ visibilityStore, ...calls });
    const id = (await describeNamespace(worker, NAMESPACE)).namespaceInfo!.id;
    await recordRuns(worker, id, 'run-1', 'run-lost', 'run-2');
    const { deletedNamespace } = await deleteNamespace(worker, { namespace: NAMESPACE });
    assert.equal(deletedNamespace, `shop-deleted-${id.slice(0, 5)}`);
    assert.equal((await describeNamespace(worker, deletedNamespace)).namespaceInfo?.state, NamespaceState.DELETED);
    await worker.service.ensureNamespaces([NAMESPACE]);
    assert.notEqual((await describeNamespace(worker, NAMESPACE)).namespaceInfo?.id, id);

    await worker.clock.advance(8000);
    assert.deepEqual(deletedRuns.sort(), ['run-1', 'run-2']);
    assert.deepEqual(forgotten, [id]);
    await assert.rejects(
      describeNamespace(worker, deletedNamespace),
      refused(GrpcCode.NOT_FOUND, `Namespace ${deletedNamespace} is not found.`),
    );
    const changed = await worker.callInternal(
      'ListNamespaceRecords',
      [ListNamespaceRecordsRequest, ListNamespaceRecordsResponse],
      {},
    );
    assert.equal(changed.records.find((record) => record.id === id)?.deleted, true, 'the threads hear of it');
    await worker.clock.advance(61_000);
    assert.equal(await worker.metadataStore.namespaceById(id), undefined);
  });

  test('a deletion goes on after a restart', async () => {
    const visibilityStore = new MemoryVisibilityStore();
    const metadataStore = await new MemoryStoreFactory().openMetadataStore();
    const stuck = { history: () => new Promise<Uint8Array>(() => {}) };
    const before = await startShop({ visibilityStore, metadataStore, ...stuck });
    const id = (await describeNamespace(before, NAMESPACE)).namespaceInfo!.id;
    await recordRuns(before, id, 'run-1');
    await deleteNamespace(before, { namespaceId: id });
    await before.service.stop();

    const { deletedRuns, forgotten: _forgotten, ...calls } = services(visibilityStore);
    const clock = new VirtualClock();
    await startWorker({ visibilityStore, metadataStore, clock, ...calls });
    await clock.advance(120_000);
    assert.deepEqual(deletedRuns, ['run-1']);
    assert.equal(await metadataStore.namespaceById(id), undefined);
  });

  test('the record stays for the delay that is asked for', async () => {
    const visibilityStore = new MemoryVisibilityStore();
    const { deletedRuns: _runs, forgotten: _forgotten, ...calls } = services(visibilityStore);
    const worker = await startShop({ visibilityStore, ...calls });
    const { deletedNamespace } = await deleteNamespace(worker, {
      namespace: NAMESPACE,
      namespaceDeleteDelay: 3_600_000,
    });
    await worker.clock.advance(3_600_000);
    assert.equal((await describeNamespace(worker, deletedNamespace)).namespaceInfo?.name, deletedNamespace);
    await worker.clock.advance(5000);
    await assert.rejects(describeNamespace(worker, deletedNamespace));
  });

  test('some namespaces stay', async () => {
    const settings = { 'worker.protectednamespaces': [{ value: 'shop, other', constraints: {} }] };
    const worker = await startShop({ settings });
    const precondition = (message: string) => refused(GrpcCode.FAILED_PRECONDITION, message);
    await assert.rejects(
      deleteNamespace(worker, { namespace: 'temporal-system' }),
      precondition('unable to delete system namespace'),
    );
    await assert.rejects(
      deleteNamespace(worker, { namespace: NAMESPACE }),
      precondition('namespace shop is protected from deletion'),
    );
    await assert.rejects(deleteNamespace(worker, {}), invalid('Namespace not set on request.'));
    await assert.rejects(
      deleteNamespace(worker, { namespace: 'a', namespaceId: 'b' }),
      invalid('Only one of namespace name or Id should be set on request.'),
    );
    await assert.rejects(
      deleteNamespace(worker, { namespace: 'nobody' }),
      refused(GrpcCode.NOT_FOUND, 'Namespace nobody is not found.'),
    );
  });
});
