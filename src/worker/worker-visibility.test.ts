import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Empty, RecordVisibilityRequest, type VisibilityRecordInit } from '#proto/ostinato/worker/v1';
import { Memo, Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { AddSearchAttributesRequest, AddSearchAttributesResponse } from '#proto/temporal/api/operatorservice/v1';
import {
  CountWorkflowExecutionsRequest,
  CountWorkflowExecutionsResponse,
  DescribeNamespaceRequest,
  DescribeNamespaceResponse,
  ListArchivedWorkflowExecutionsRequest,
  ListArchivedWorkflowExecutionsResponse,
  ListClosedWorkflowExecutionsRequest,
  type ListClosedWorkflowExecutionsRequestInit,
  ListClosedWorkflowExecutionsResponse,
  ListOpenWorkflowExecutionsRequest,
  type ListOpenWorkflowExecutionsRequestInit,
  ListOpenWorkflowExecutionsResponse,
  ListWorkflowExecutionsRequest,
  type ListWorkflowExecutionsRequestInit,
  ListWorkflowExecutionsResponse,
  ScanWorkflowExecutionsRequest,
  ScanWorkflowExecutionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { MemoryStoreFactory } from '../persistence/index.ts';
import { encodeValue, type RowWrite, type VisibilityStore } from '../visibility/index.ts';
import { MemoryVisibilityStore } from '../visibility/memory/memory-visibility-store.ts';
import { startWorker, type TestWorker, type TestWorkerOptions } from './testing/start-worker.ts';

const NAMESPACE = 'shop';
const START_MS = Date.UTC(2024, 0, 1);
const { INT, KEYWORD } = IndexedValueType;

interface Shop extends TestWorker {
  readonly namespaceId: string;
}

async function startShop(options: TestWorkerOptions = {}): Promise<Shop> {
  const worker = await startWorker(options);
  await worker.service.ensureNamespaces([NAMESPACE]);
  const codecs = [DescribeNamespaceRequest, DescribeNamespaceResponse] as const;
  const { namespaceInfo } = await worker.call('DescribeNamespace', codecs, { namespace: NAMESPACE });
  return { ...worker, namespaceId: namespaceInfo!.id };
}

/** With the rest that the writer takes after it. */
async function record(shop: Shop, ...records: VisibilityRecordInit[]): Promise<void> {
  try {
    await shop.callInternal('RecordVisibility', [RecordVisibilityRequest, Empty], {
      records: records.map((init) => ({ namespaceId: shop.namespaceId, version: 1, ...init })),
    });
  } finally {
    await shop.clock.advance(50);
  }
}
const list = (shop: TestWorker, request: ListWorkflowExecutionsRequestInit = {}) =>
  shop.call('ListWorkflowExecutions', [ListWorkflowExecutionsRequest, ListWorkflowExecutionsResponse], {
    namespace: NAMESPACE,
    ...request,
  });
const listOpen = (shop: TestWorker, request: ListOpenWorkflowExecutionsRequestInit = {}) =>
  shop.call('ListOpenWorkflowExecutions', [ListOpenWorkflowExecutionsRequest, ListOpenWorkflowExecutionsResponse], {
    namespace: NAMESPACE,
    ...request,
  });
const listClosed = (shop: TestWorker, request: ListClosedWorkflowExecutionsRequestInit = {}) =>
  shop.call(
    'ListClosedWorkflowExecutions',
    [ListClosedWorkflowExecutionsRequest, ListClosedWorkflowExecutionsResponse],
    { namespace: NAMESPACE, ...request },
  );

const open = (id: string, init: VisibilityRecordInit = {}): VisibilityRecordInit => ({
  workflowId: id,
  runId: `run-${id}`,
  workflowType: 'Order',
  startTime: START_MS,
  executionTime: START_MS,
  status: 1,
  taskQueue: 'orders',
  rootWorkflowId: id,
  rootRunId: `run-${id}`,
  ...init,
});
const closed = (id: string, status: number, init: VisibilityRecordInit = {}): VisibilityRecordInit =>
  open(id, { status, closeTime: START_MS + 5000, executionDuration: 5000, historyLength: 7, ...init });

const ids = (page: { executions: readonly { execution: { workflowId: string } | undefined }[] }) =>
  page.executions.map(({ execution }) => execution!.workflowId);
const refused = (code: number, message: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError, String(error));
  assert.equal(error.message, message);
  assert.equal(error.code, code);
  return true;
};
const invalid = (message: string) => refused(GrpcCode.INVALID_ARGUMENT, message);

async function addAttributes(shop: TestWorker, attributes: ReadonlyMap<string, IndexedValueType>): Promise<void> {
  await shop.call('AddSearchAttributes', [AddSearchAttributesRequest, AddSearchAttributesResponse], {
    namespace: NAMESPACE,
    searchAttributes: attributes,
  });
}

describe('lists', () => {
  test('an execution is listed with everything that was recorded of it', async () => {
    const shop = await startShop();
    await addAttributes(shop, new Map([['CustomerId', KEYWORD]]));
    const memo = Memo.encode({ fields: new Map([['k', Payload.encode({ data: Buffer.from('v') })]]) });
    const searchAttributes = SearchAttributes.encode({
      indexedFields: new Map([
        ['CustomerId', encodeValue('ann', KEYWORD)],
        ['BuildIds', encodeValue(['b'], IndexedValueType.KEYWORD_LIST)],
      ]),
    });
    await record(shop, closed('a', 2, { memo, searchAttributes, parentWorkflowId: 'p', parentRunId: 'pr' }));
    const { executions } = await list(shop, { query: "CustomerId = 'ann'" });
    assert.equal(executions.length, 1);
    const info = executions[0]!;
    assert.deepEqual(info.execution, { workflowId: 'a', runId: 'run-a' });
    assert.equal(info.type?.name, 'Order');
    assert.equal(info.startTime, START_MS);
    assert.equal(info.closeTime, START_MS + 5000);
    assert.equal(info.executionDuration, 5000);
    assert.equal(info.historyLength, 7);
    assert.equal(info.status, 2);
    assert.equal(info.taskQueue, 'orders');
    assert.deepEqual(info.parentExecution, { workflowId: 'p', runId: 'pr' });
    assert.deepEqual(info.rootExecution, { workflowId: 'a', runId: 'run-a' });
    assert.deepEqual(Buffer.from(info.memo!), Buffer.from(memo));
    const attributes = SearchAttributes.decode(info.searchAttributes!).indexedFields;
    assert.deepEqual([...attributes.keys()], ['CustomerId', 'BuildIds']);
    assert.equal(Buffer.from(Payload.decode(attributes.get('CustomerId')!).data).toString(), '"ann"');
  });

  test('pages go on where the last one ended', async () => {
    const shop = await startShop();
    await record(shop, ...['a', 'b', 'c', 'd', 'e'].map((id, index) => open(id, { startTime: START_MS + index })));
    const found: string[] = [];
    let nextPageToken: Uint8Array = new Uint8Array(0);
    do {
      const page = await list(shop, { pageSize: 2, nextPageToken });
      found.push(...ids(page));
      nextPageToken = page.nextPageToken;
    } while (nextPageToken.length > 0);
    assert.deepEqual(found, ['e', 'd', 'c', 'b', 'a']);
    const scan = await shop.call(
      'ScanWorkflowExecutions',
      [ScanWorkflowExecutionsRequest, ScanWorkflowExecutionsResponse],
      { namespace: NAMESPACE, pageSize: 3 },
    );
    assert.deepEqual(ids(scan), ['e', 'd', 'c']);
  });

  test('a page is never larger than the setting allows', async () => {
    const settings = { 'frontend.visibilitymaxpagesize': [{ value: 2, constraints: {} }] };
    const shop = await startShop({ settings });
    await record(shop, open('a'), open('b'), open('c'));
    for (const pageSize of [0, -1, 3, 1000]) assert.equal((await list(shop, { pageSize })).executions.length, 2);
    assert.equal((await list(shop, { pageSize: 1 })).executions.length, 1);
  });

  test('a token that is none is refused', async () => {
    const shop = await startShop();
    for (const token of ['x', '{}', '[1]', '[1,2,3]', '["a","b","c"]']) {
      await assert.rejects(list(shop, { nextPageToken: Buffer.from(token) }), invalid('Invalid NextPageToken.'));
    }
  });

  test('a wrong filter and an unknown namespace get their errors', async () => {
    const shop = await startShop();
    await assert.rejects(
      list(shop, { query: 'Nope = 1' }),
      invalid("invalid query: invalid expression: column name 'Nope' is not a valid search attribute"),
    );
    await assert.rejects(
      list(shop, { namespace: 'nobody' }),
      refused(GrpcCode.NOT_FOUND, 'Namespace nobody is not found.'),
    );
  });

  test('open executions are listed by time, id or type', async () => {
    const shop = await startShop();
    await record(shop, open('a'), open('b', { startTime: START_MS + 1000, workflowType: 'Refund' }), closed('c', 2));
    assert.deepEqual(ids(await listOpen(shop)), ['b', 'a']);
    assert.deepEqual(ids(await listOpen(shop, { executionFilter: { workflowId: 'a' } })), ['a']);
    assert.deepEqual(ids(await listOpen(shop, { typeFilter: { name: 'Refund' } })), ['b']);
    const between = (earliestTime: number | undefined, latestTime: number | undefined) =>
      listOpen(shop, { startTimeFilter: { earliestTime, latestTime } });
    assert.deepEqual(ids(await between(START_MS + 1, undefined)), ['b']);
    assert.deepEqual(ids(await between(undefined, START_MS)), ['a']);
    assert.deepEqual(ids(await between(START_MS, START_MS + 1000)), ['b', 'a']);
    await assert.rejects(
      between(START_MS + 1, START_MS),
      invalid('EarliestTime in StartTimeFilter should not be larger than LatestTime.'),
    );
    assert.equal((await listOpen(shop, { maximumPageSize: 1 })).executions.length, 1);
  });

  test('closed executions are listed by close time and status too', async () => {
    const shop = await startShop();
    await record(shop, open('a'), closed('b', 2), closed('c', 3, { closeTime: START_MS + 9000 }));
    assert.deepEqual(ids(await listClosed(shop)), ['c', 'b']);
    assert.deepEqual(ids(await listClosed(shop, { statusFilter: { status: 3 } })), ['c']);
    assert.deepEqual(ids(await listClosed(shop, { startTimeFilter: { latestTime: START_MS + 5000 } })), ['b']);
    for (const status of [0, 1]) {
      await assert.rejects(
        listClosed(shop, { statusFilter: { status } }),
        invalid('StatusFilter must be specified and must be not Running.'),
      );
    }
  });

  test('lists with a filter can be disabled', async () => {
    const settings = { 'frontend.disablelistvisibilitybyfilter': [{ value: true, constraints: {} }] };
    const shop = await startShop({ settings });
    await assert.rejects(
      listOpen(shop, { typeFilter: { name: 'x' } }),
      refused(GrpcCode.PERMISSION_DENIED, 'List is disabled on this namespace.'),
    );
    assert.deepEqual(ids(await listOpen(shop)), []);
  });

  test('there is no archive to list', async () => {
    const shop = await startShop();
    const archived = (pageSize: number) =>
      shop.call(
        'ListArchivedWorkflowExecutions',
        [ListArchivedWorkflowExecutionsRequest, ListArchivedWorkflowExecutionsResponse],
        { namespace: NAMESPACE, pageSize },
      );
    await assert.rejects(archived(0), invalid('Cluster is not configured for visibility archival.'));
    await assert.rejects(archived(10_001), invalid('PageSize is larger than allowed 10000.'));
  });
});

describe('counts', () => {
  const count = (shop: TestWorker, query: string) =>
    shop.call('CountWorkflowExecutions', [CountWorkflowExecutionsRequest, CountWorkflowExecutionsResponse], {
      namespace: NAMESPACE,
      query,
    });

  test('all, some, and per status', async () => {
    const shop = await startShop();
    await record(shop, open('a'), open('b'), closed('c', 3));
    assert.equal((await count(shop, '')).count, 3);
    assert.equal((await count(shop, "ExecutionStatus = 'Failed'")).count, 1);
    const grouped = await count(shop, 'GROUP BY ExecutionStatus');
    assert.equal(grouped.count, 3);
    assert.deepEqual(
      grouped.groups.map((group) => [Buffer.from(Payload.decode(group.groupValues[0]!).data).toString(), group.count]),
      [
        ['"Running"', 2],
        ['"Failed"', 1],
      ],
    );
    const metadata = Payload.decode(grouped.groups[0]!.groupValues[0]!).metadata;
    assert.equal(Buffer.from(metadata.get('type')!).toString(), 'Keyword');
  });
});

describe('records', () => {
  test('attributes that the namespace does not define are left out, the rest is searchable', async () => {
    const shop = await startShop();
    await addAttributes(shop, new Map([['Items', INT]]));
    const searchAttributes = SearchAttributes.encode({
      indexedFields: new Map([
        ['Gone', encodeValue('x', KEYWORD)],
        ['Items', encodeValue(3, INT)],
      ]),
    });
    await record(shop, open('a', { searchAttributes }));
    const { executions } = await list(shop, { query: 'Items = 3' });
    const { indexedFields } = SearchAttributes.decode(executions[0]!.searchAttributes!);
    assert.deepEqual([...indexedFields.keys()], ['Items']);
  });

  test('namespaces and attributes that another host added a moment ago are found', async () => {
    const metadataStore = await new MemoryStoreFactory().openMetadataStore();
    const shop = await startShop({ metadataStore });
    const other = await startWorker({ metadataStore });
    await other.service.ensureNamespaces(['late']);
    await addAttributes(other, new Map([['Items', INT]]));
    const searchAttributes = SearchAttributes.encode({ indexedFields: new Map([['Items', encodeValue(3, INT)]]) });
    await record(shop, open('a', { searchAttributes }));
    assert.deepEqual(ids(await list(shop, { query: 'Items = 3' })), ['a']);
    await other.service.ensureNamespaces(['later']);
    const later = await metadataStore.namespaceByName('later');
    await record(shop, open('b', { namespaceId: later!.id }));
    assert.deepEqual(ids(await list(shop, { namespace: 'later' })), ['b']);
  });

  test('records of a namespace that is gone are dropped', async () => {
    const shop = await startShop();
    await record(shop, { ...open('a'), namespaceId: 'nobody' }, open('b'));
    assert.deepEqual(ids(await list(shop)), ['b']);
  });

  test('a deleted execution is not listed', async () => {
    const shop = await startShop();
    await record(shop, open('a'), open('b'));
    await record(shop, { runId: 'run-a', version: 2, deleted: true });
    assert.deepEqual(ids(await list(shop)), ['b']);
  });

  test('an execution that is deleted in the turn in which it is recorded is not listed', async () => {
    const shop = await startShop();
    await Promise.all([
      record(shop, closed('a', 2, { version: 1 })),
      record(shop, { runId: 'run-a', workflowId: 'a', deleted: true, version: 2 }),
    ]);
    assert.deepEqual(ids(await list(shop)), []);
  });

  test('a record whose attribute has to be asked for does not come behind its deletion', async () => {
    const shop = await startShop();
    const unknown = {
      searchAttributes: SearchAttributes.encode({ indexedFields: new Map([['Unknown', encodeValue('x', KEYWORD)]]) }),
    };
    await Promise.all([
      record(shop, closed('a', 2, { version: 1, ...unknown })),
      record(shop, { runId: 'run-a', workflowId: 'a', deleted: true, version: 2 }),
    ]);
    await shop.clock.advance(100);
    assert.deepEqual(ids(await list(shop)), []);
  });

  test('batches that wait for one another are written together', async () => {
    const batches: number[] = [];
    const inner = new MemoryVisibilityStore();
    let release: (() => void) | undefined;
    const store: VisibilityStore = Object.assign(Object.create(inner) as VisibilityStore, {
      record: async (batch: readonly RowWrite[]) => {
        batches.push(batch.length);
        if (batches.length === 1) await new Promise<void>((resolve) => (release = resolve));
        inner.record(batch);
      },
    });
    const shop = await startShop({ visibilityStore: store });
    const first = record(shop, open('a'));
    while (release === undefined) await Promise.resolve();
    const others = [record(shop, open('b')), record(shop, open('c'), open('d'))];
    await new Promise(setImmediate);
    release();
    await Promise.all([first, ...others]);
    assert.deepEqual(batches, [1, 3]);
    assert.equal((await list(shop)).executions.length, 4);
  });

  test('what changes while the writer rests goes together in the next transaction', async () => {
    const batches: string[][] = [];
    const inner = new MemoryVisibilityStore();
    const store: VisibilityStore = Object.assign(Object.create(inner) as VisibilityStore, {
      record: (batch: readonly RowWrite[]) => {
        batches.push(batch.map((write) => (write.kind === 'upsert' ? write.row.runId : 'deleted')));
        inner.record(batch);
      },
    });
    const shop = await startShop({ visibilityStore: store });
    const written = (init: VisibilityRecordInit) =>
      shop.callInternal('RecordVisibility', [RecordVisibilityRequest, Empty], {
        records: [{ namespaceId: shop.namespaceId, ...init }],
      });
    await written(open('a', { version: 1 }));
    const others = [written(open('b', { version: 1 })), written(open('a', { version: 2 }))];
    await new Promise(setImmediate);
    assert.deepEqual(batches, [['run-a']], 'the writer rests');
    await shop.clock.advance(50);
    await Promise.all(others);
    assert.deepEqual(batches.length, 2);
  });

  test('a store that fails answers UNAVAILABLE, and the next batch is tried', async () => {
    const inner = new MemoryVisibilityStore();
    let fail = true;
    const store: VisibilityStore = Object.assign(Object.create(inner) as VisibilityStore, {
      record: (batch: readonly RowWrite[]) => {
        if (fail) throw new Error('disk full');
        inner.record(batch);
      },
    });
    const shop = await startShop({ visibilityStore: store });
    await assert.rejects(record(shop, open('a')), refused(GrpcCode.UNAVAILABLE, 'visibility store failed: disk full'));
    fail = false;
    await record(shop, open('a'));
    assert.deepEqual(ids(await list(shop)), ['a']);
  });
});
