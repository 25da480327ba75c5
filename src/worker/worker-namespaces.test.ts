import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ListNamespaceRecordsRequest, ListNamespaceRecordsResponse } from '#proto/ostinato/worker/v1';
import { ArchivalState, NamespaceState, ReplicationState } from '#proto/temporal/api/enums/v1';
import {
  DeprecateNamespaceRequest,
  DeprecateNamespaceResponse,
  DescribeNamespaceRequest,
  DescribeNamespaceResponse,
  ListNamespacesRequest,
  ListNamespacesResponse,
  RegisterNamespaceRequest,
  type RegisterNamespaceRequestInit,
  RegisterNamespaceResponse,
  UpdateNamespaceRequest,
  type UpdateNamespaceRequestInit,
  UpdateNamespaceResponse,
} from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { SYSTEM_NAMESPACE_ID } from '../namespace/index.ts';
import { startWorker, TEST_CLUSTER, type TestWorker } from './testing/start-worker.ts';

const DAY_MS = 24 * 3600 * 1000;

const register = (worker: TestWorker, request: RegisterNamespaceRequestInit) =>
  worker.call('RegisterNamespace', [RegisterNamespaceRequest, RegisterNamespaceResponse], request);
const describeByName = (worker: TestWorker, namespace: string) =>
  worker.call('DescribeNamespace', [DescribeNamespaceRequest, DescribeNamespaceResponse], { namespace });
const update = (worker: TestWorker, request: UpdateNamespaceRequestInit) =>
  worker.call('UpdateNamespace', [UpdateNamespaceRequest, UpdateNamespaceResponse], request);

const refused = (code: number, message: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError, String(error));
  assert.equal(error.message, message);
  assert.equal(error.code, code);
  return true;
};
const invalid = (message: string) => refused(GrpcCode.INVALID_ARGUMENT, message);

describe('RegisterNamespace', () => {
  test('a registered namespace is described as it was asked for', async () => {
    const worker = await startWorker();
    await register(worker, {
      namespace: 'shop',
      description: 'orders',
      ownerEmail: 'a@b.c',
      workflowExecutionRetentionPeriod: 3 * DAY_MS,
      data: new Map([['team', 'blue']]),
    });
    const described = await describeByName(worker, 'shop');
    const { namespaceInfo: info, config, replicationConfig } = described;
    assert.equal(info?.name, 'shop');
    assert.match(info?.id ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(info?.state, NamespaceState.REGISTERED);
    assert.deepEqual(info?.data, new Map([['team', 'blue']]));
    assert.equal(info?.capabilities?.eagerWorkflowStart, true);
    assert.equal(info?.capabilities?.workflowPause, false);
    assert.equal(info?.limits?.blobSizeLimitError, 2 * 1024 * 1024);
    assert.equal(info?.supportsSchedules, false);
    assert.equal(info?.capabilities?.workerHeartbeats, false);
    assert.equal(config?.workflowExecutionRetentionTtl, 3 * DAY_MS);
    assert.equal(config?.historyArchivalState, ArchivalState.DISABLED);
    assert.deepEqual(config?.badBinaries, { binaries: new Map() });
    assert.equal(replicationConfig?.activeClusterName, 'active');
    assert.deepEqual(replicationConfig?.clusters, [{ clusterName: 'active' }]);
    assert.equal(replicationConfig?.state, ReplicationState.NORMAL);
    assert.equal(described.isGlobalNamespace, false);
    assert.equal(described.failoverVersion, 0);
  });

  test('retention is two days by default, a day at least, and zero is no retention', async () => {
    const worker = await startWorker();
    await register(worker, { namespace: 'default-retention' });
    const { config } = await describeByName(worker, 'default-retention');
    assert.equal(config?.workflowExecutionRetentionTtl, 2 * DAY_MS);
    for (const retention of [0, -DAY_MS, DAY_MS - 1]) {
      await assert.rejects(
        register(worker, { namespace: 'short', workflowExecutionRetentionPeriod: retention }),
        invalid('A valid retention period is not set on request.'),
      );
    }
    await register(worker, { namespace: 'day', workflowExecutionRetentionPeriod: DAY_MS });
    await assert.rejects(describeByName(worker, 'short'), refused(GrpcCode.NOT_FOUND, 'Namespace short is not found.'));
  });

  test('the least retention is a setting', async () => {
    const settings = { 'system.namespaceminretentionlocal': [{ value: '1s', constraints: {} }] };
    const worker = await startWorker({ settings });
    await register(worker, { namespace: 'brief', workflowExecutionRetentionPeriod: 1000 });
  });

  test('a name is used once', async () => {
    const worker = await startWorker();
    await register(worker, { namespace: 'shop' });
    await assert.rejects(register(worker, { namespace: 'shop' }), (error: unknown) => {
      refused(GrpcCode.ALREADY_EXISTS, 'Namespace "shop" already exists')(error);
      assert.ok((error as ServiceError).is('temporal.api.errordetails.v1.NamespaceAlreadyExistsFailure'));
      return true;
    });
  });

  test('names and clusters are checked', async () => {
    const worker = await startWorker();
    await assert.rejects(register(worker, { namespace: '' }), invalid('Namespace not set on request.'));
    await assert.rejects(register(worker, { namespace: 'n'.repeat(1001) }), invalid('Namespace length exceeds limit.'));
    await assert.rejects(
      register(worker, { namespace: 'global', isGlobalNamespace: true }),
      invalid('Cannot register global namespace when not enabled'),
    );
    await assert.rejects(
      register(worker, { namespace: 'x', activeClusterName: 'standby' }),
      invalid('Invalid cluster name: standby'),
    );
    await assert.rejects(
      register(worker, { namespace: 'x', clusters: [{ clusterName: 'active' }, { clusterName: 'active' }] }),
      invalid('Invalid local namespace clusters'),
    );
  });

  test('a global namespace carries the failover version of its cluster', async () => {
    const worker = await startWorker({ cluster: { ...TEST_CLUSTER, isGlobalNamespaceEnabled: true } });
    await register(worker, { namespace: 'world', isGlobalNamespace: true });
    const described = await describeByName(worker, 'world');
    assert.equal(described.isGlobalNamespace, true);
    assert.equal(described.failoverVersion, 1);
  });
});

describe('DescribeNamespace and ListNamespaces', () => {
  test('the system namespace exists from the start', async () => {
    const worker = await startWorker();
    const { namespaceInfo } = await worker.call(
      'DescribeNamespace',
      [DescribeNamespaceRequest, DescribeNamespaceResponse],
      { id: SYSTEM_NAMESPACE_ID },
    );
    assert.equal(namespaceInfo?.name, 'temporal-system');
    assert.equal(namespaceInfo?.ownerEmail, 'temporal-core@temporal.io');
  });

  test('a namespace is asked for by name or by id', async () => {
    const worker = await startWorker();
    const ask = (namespace: string, id: string) =>
      worker.call('DescribeNamespace', [DescribeNamespaceRequest, DescribeNamespaceResponse], { namespace, id });
    await assert.rejects(ask('', ''), invalid('Namespace not set on request.'));
    await assert.rejects(
      ask('a', 'b'),
      invalid('GetNamespace operation failed.  Both ID and Name specified in request.'),
    );
    await assert.rejects(ask('', 'nobody'), refused(GrpcCode.NOT_FOUND, 'Namespace nobody is not found.'));
  });

  test('pages cover every namespace once and leave out deleted ones', async () => {
    const worker = await startWorker();
    for (const namespace of ['a', 'b', 'c', 'd']) await register(worker, { namespace });
    await update(worker, { namespace: 'b', updateInfo: { state: NamespaceState.DELETED } });
    const names = async (includeDeleted: boolean): Promise<readonly string[]> => {
      const found: string[] = [];
      for (let nextPageToken: Uint8Array = new Uint8Array(0); ; ) {
        const page = await worker.call('ListNamespaces', [ListNamespacesRequest, ListNamespacesResponse], {
          pageSize: 2,
          nextPageToken,
          namespaceFilter: { includeDeleted },
        });
        found.push(...page.namespaces.map(({ namespaceInfo }) => namespaceInfo!.name));
        if (page.nextPageToken.length === 0) return found;
        nextPageToken = page.nextPageToken;
      }
    };
    assert.deepEqual(await names(false), ['a', 'c', 'd', 'temporal-system']);
    assert.deepEqual(await names(true), ['a', 'b', 'c', 'd', 'temporal-system']);
  });
});

describe('UpdateNamespace', () => {
  test('what is given changes, data is merged, the rest stays', async () => {
    const worker = await startWorker();
    await register(worker, {
      namespace: 'shop',
      ownerEmail: 'old@b.c',
      data: new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    });
    const updated = await update(worker, {
      namespace: 'shop',
      updateInfo: { description: 'new', data: new Map([['b', '3']]) },
      config: { workflowExecutionRetentionTtl: 5 * DAY_MS },
    });
    assert.equal(updated.namespaceInfo?.description, 'new');
    const { namespaceInfo: info, config } = await describeByName(worker, 'shop');
    assert.equal(info?.ownerEmail, 'old@b.c');
    assert.deepEqual(
      info?.data,
      new Map([
        ['a', '1'],
        ['b', '3'],
      ]),
    );
    assert.equal(config?.workflowExecutionRetentionTtl, 5 * DAY_MS);
  });

  test('a retention that is too short changes nothing', async () => {
    const worker = await startWorker();
    await register(worker, { namespace: 'shop' });
    await assert.rejects(
      update(worker, {
        namespace: 'shop',
        updateInfo: { description: 'new' },
        config: { workflowExecutionRetentionTtl: 1 },
      }),
      invalid('A valid retention period is not set on request.'),
    );
    assert.equal((await describeByName(worker, 'shop')).namespaceInfo?.description, '');
  });

  test('states only go forward', async () => {
    const worker = await startWorker();
    await register(worker, { namespace: 'shop' });
    const to = (state: number) => update(worker, { namespace: 'shop', updateInfo: { state } });
    await to(NamespaceState.DEPRECATED);
    await assert.rejects(to(NamespaceState.REGISTERED), invalid('Invalid namespace state update.'));
    await to(NamespaceState.DELETED);
    await assert.rejects(to(NamespaceState.DEPRECATED), invalid('Invalid namespace state update.'));
  });

  test('bad binaries are merged, limited and removed by name', async () => {
    const worker = await startWorker();
    await register(worker, { namespace: 'shop' });
    const add = (...checksums: string[]) => {
      const binaries = new Map(checksums.map((checksum) => [checksum, { reason: 'bad', operator: 'me' }]));
      return update(worker, { namespace: 'shop', config: { badBinaries: { binaries } } });
    };
    await add('one');
    await add('two');
    const { config } = await describeByName(worker, 'shop');
    assert.deepEqual([...config!.badBinaries!.binaries.keys()], ['one', 'two']);
    assert.equal(config!.badBinaries!.binaries.get('one')?.createTime, worker.clock.nowMs());
    await assert.rejects(
      add(...Array.from({ length: 9 }, (_, index) => `more-${index}`)),
      invalid('Total resetBinaries cannot exceed the max limit: 10'),
    );
    await update(worker, { namespace: 'shop', deleteBadBinary: 'one' });
    await assert.rejects(
      update(worker, { namespace: 'shop', deleteBadBinary: 'one' }),
      invalid("Bad binary checksum one doesn't exists."),
    );
  });

  test('search attribute aliases are added, kept apart and removed', async () => {
    const worker = await startWorker();
    await register(worker, { namespace: 'shop' });
    const aliases = async (...entries: [string, string][]) => {
      await update(worker, { namespace: 'shop', config: { customSearchAttributeAliases: new Map(entries) } });
      return (await describeByName(worker, 'shop')).config!.customSearchAttributeAliases;
    };
    await aliases(['Keyword01', 'CustomerId'], ['Int01', 'Items']);
    await assert.rejects(
      aliases(['Keyword01', 'Other']),
      invalid('Custom search attribute field name already allocated.'),
    );
    assert.deepEqual(
      await aliases(['Keyword02', 'CustomerId']),
      new Map([
        ['Keyword01', 'CustomerId'],
        ['Int01', 'Items'],
      ]),
    );
    assert.deepEqual(await aliases(['Keyword01', '']), new Map([['Int01', 'Items']]));
  });

  test('replication of a local namespace cannot change', async () => {
    const worker = await startWorker();
    await register(worker, { namespace: 'shop' });
    await assert.rejects(
      update(worker, { namespace: 'shop', replicationConfig: { state: ReplicationState.HANDOVER } }),
      invalid('Handover can only be set for global namespace'),
    );
    await assert.rejects(
      update(worker, { namespace: 'shop', replicationConfig: { activeClusterName: 'other' } }),
      invalid('Invalid cluster name: other'),
    );
    await assert.rejects(
      update(worker, { namespace: 'shop', promoteNamespace: true }),
      invalid(
        'global namespace is not enabled on this cluster, cannot update global namespace or promote local namespace: shop',
      ),
    );
  });

  test('a local namespace is promoted once and counts a failover', async () => {
    const worker = await startWorker({ cluster: { ...TEST_CLUSTER, isGlobalNamespaceEnabled: true } });
    await register(worker, { namespace: 'shop' });
    const updated = await update(worker, { namespace: 'shop', promoteNamespace: true });
    assert.equal(updated.isGlobalNamespace, true);
    assert.equal(updated.failoverVersion, 1);
  });

  test('an unknown namespace is not found', async () => {
    const worker = await startWorker();
    await assert.rejects(update(worker, { namespace: 'nobody' }), (error: unknown) => {
      refused(GrpcCode.NOT_FOUND, 'Namespace nobody is not found.')(error);
      assert.ok((error as ServiceError).is('temporal.api.errordetails.v1.NamespaceNotFoundFailure'));
      return true;
    });
  });
});

test('DeprecateNamespace marks the namespace', async () => {
  const worker = await startWorker();
  await register(worker, { namespace: 'shop' });
  await worker.call('DeprecateNamespace', [DeprecateNamespaceRequest, DeprecateNamespaceResponse], {
    namespace: 'shop',
  });
  assert.equal((await describeByName(worker, 'shop')).namespaceInfo?.state, NamespaceState.DEPRECATED);
});

test('every write tells the threads its version, and they get what changed since theirs', async () => {
  const worker = await startWorker();
  const changed = (afterVersion: number) =>
    worker.callInternal('ListNamespaceRecords', [ListNamespaceRecordsRequest, ListNamespaceRecordsResponse], {
      afterVersion,
    });
  const before = await changed(0);
  assert.deepEqual(
    before.records.map(({ name }) => name),
    ['temporal-system'],
  );
  await register(worker, { namespace: 'shop' });
  const after = await changed(before.version);
  assert.deepEqual(
    after.records.map(({ name }) => name),
    ['shop'],
  );
  assert.equal(worker.changes.at(-1), after.version);
  assert.deepEqual((await changed(after.version)).records, []);
});

test('named namespaces exist after ensureNamespaces, which can be repeated', async () => {
  const worker = await startWorker();
  await worker.service.ensureNamespaces(['default', 'shop']);
  await worker.service.ensureNamespaces(['shop'], DAY_MS);
  assert.equal((await describeByName(worker, 'shop')).config?.workflowExecutionRetentionTtl, 2 * DAY_MS);
});
