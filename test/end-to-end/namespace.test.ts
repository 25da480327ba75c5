// Namespaces, the cluster's own description, custom search attributes, and what a client asks before anything else. Raw calls.

import assert from 'node:assert/strict';
import { after, describe } from 'node:test';
import { credentials, makeClientConstructor } from '@grpc/grpc-js';
import { duration, enums } from './harness/api.ts';
import { completeWorkflow } from './harness/commands.ts';
import { openEnvironment } from './harness/environment.ts';
import { expectFailure } from './harness/failures.ts';
import { CONCURRENCY, type Scenario, scenario } from './harness/scenario.ts';
import { waitUntil } from './harness/wait-until.ts';

const DAY_MS = 86_400_000;

const env = await openEnvironment();
after(() => env.stop());

function register(s: Scenario, more: object = {}) {
  return s.service.registerNamespace({
    namespace: s.id,
    workflowExecutionRetentionPeriod: duration(3 * DAY_MS),
    ...more,
  });
}

describe('namespaces', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'a registered namespace can be described by name and by id', async (s) => {
    await register(s, { description: 'for tests', ownerEmail: 'a@b.c', data: { k: 'v' } });
    const byName = await s.service.describeNamespace({ namespace: s.id });
    assert.equal(byName.namespaceInfo?.name, s.id);
    assert.equal(byName.namespaceInfo?.state, enums.NamespaceState.NAMESPACE_STATE_REGISTERED);
    assert.equal(byName.namespaceInfo?.description, 'for tests');
    assert.equal(byName.namespaceInfo?.ownerEmail, 'a@b.c');
    assert.deepEqual({ ...byName.namespaceInfo?.data }, { k: 'v' });
    assert.equal(Number(byName.config?.workflowExecutionRetentionTtl?.seconds), (3 * DAY_MS) / 1000);
    assert.equal(byName.isGlobalNamespace, false);
    const byId = await s.service.describeNamespace({ id: byName.namespaceInfo?.id ?? '' });
    assert.equal(byId.namespaceInfo?.name, s.id);
  });

  scenario(env, 'an update changes what it names and keeps the rest', async (s) => {
    await register(s, { description: 'before', ownerEmail: 'a@b.c' });
    await s.service.updateNamespace({
      namespace: s.id,
      updateInfo: { description: 'after', data: { x: 'y' } },
      config: { workflowExecutionRetentionTtl: duration(5 * DAY_MS) },
    });
    const described = await s.service.describeNamespace({ namespace: s.id });
    assert.equal(described.namespaceInfo?.description, 'after');
    assert.deepEqual({ ...described.namespaceInfo?.data }, { x: 'y' });
    assert.equal(Number(described.config?.workflowExecutionRetentionTtl?.seconds), (5 * DAY_MS) / 1000);
    await expectFailure(
      s.service.updateNamespace({ namespace: s.id, config: { workflowExecutionRetentionTtl: duration(1_000) } }),
      { code: 'INVALID_ARGUMENT', message: 'A valid retention period is not set on request.' },
    );
  });

  scenario(env, 'a deprecated namespace says so and takes no new workflows', async (s) => {
    await register(s);
    await s.service.deprecateNamespace({ namespace: s.id });
    const described = await s.service.describeNamespace({ namespace: s.id });
    assert.equal(described.namespaceInfo?.state, enums.NamespaceState.NAMESPACE_STATE_DEPRECATED);
    await waitUntil(
      async () => {
        const call = s.start({ namespace: s.id, workflowId: `${s.id}-${crypto.randomUUID()}` });
        await expectFailure(call, {
          code: 'FAILED_PRECONDITION',
          message: 'Namespace has invalid state: Deprecated. Must be Registered.',
          detail: 'NamespaceInvalidStateFailure',
        });
        return true;
      },
      'starts are refused',
      15_000,
    );
  });

  scenario(env, 'the list shows namespaces page by page, each once', async (s) => {
    await register(s);
    const names: string[] = [];
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const page = await s.service.listNamespaces({ pageSize: 2, nextPageToken });
      names.push(...page.namespaces.map((item) => item.namespaceInfo?.name ?? ''));
      nextPageToken = page.nextPageToken ?? new Uint8Array();
    } while (nextPageToken.length > 0);
    assert.ok(names.includes(s.id) && names.includes(env.namespace));
    assert.equal(new Set(names).size, names.length);
  });

  scenario(env, 'workflows of two namespaces do not see each other', async (s) => {
    await register(s);
    await waitUntil(() => s.start({ namespace: s.id }).catch(() => false as const), 'the new namespace', 15_000);
    await expectFailure(s.describe({ workflowId: s.id }), { code: 'NOT_FOUND' });
    const here = await s.start();
    await s.next(completeWorkflow());
    assert.equal(await s.status(here), 'Completed');
    const there = await s.service.describeWorkflowExecution({ namespace: s.id, execution: { workflowId: s.id } });
    assert.equal(there.workflowExecutionInfo?.status, enums.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
  });

  scenario(env, 'a namespace is deleted by the operator', async (s) => {
    await register(s);
    await waitUntil(() => s.start({ namespace: s.id }).catch(() => false as const), 'the new namespace', 15_000);
    const { deletedNamespace } = await s.env.operator.deleteNamespace({ namespace: s.id });
    assert.match(deletedNamespace ?? '', new RegExp(`^${s.id}-deleted-`));
    await waitUntil(
      () =>
        s.service.describeNamespace({ namespace: s.id }).then(
          () => false,
          (error: { code: number }) => error.code === 5,
        ),
      'the deletion',
      20_000,
    );
  });

  scenario(env, 'custom search attributes come and go', async (s) => {
    const name = `Custom${s.env.unique}${s.id.split('-').at(-1)}`;
    const { INDEXED_VALUE_TYPE_KEYWORD } = enums.IndexedValueType;
    const searchAttributes = { [name]: INDEXED_VALUE_TYPE_KEYWORD };
    await s.env.operator.addSearchAttributes({ namespace: s.namespace, searchAttributes });
    await waitUntil(async () => {
      const known = await s.env.operator.listSearchAttributes({ namespace: s.namespace });
      return known.customAttributes[name] === INDEXED_VALUE_TYPE_KEYWORD && known.systemAttributes?.WorkflowId;
    });
    await s.env.operator.removeSearchAttributes({ namespace: s.namespace, searchAttributes: [name] });
    await waitUntil(async () => {
      const known = await s.env.operator.listSearchAttributes({ namespace: s.namespace });
      return !(name in known.customAttributes);
    });
  });
});

describe('the server about itself', { concurrency: CONCURRENCY }, () => {
  scenario(env, 'capabilities that clients act upon', async (s) => {
    const { capabilities, serverVersion } = await s.service.getSystemInfo({});
    assert.ok(serverVersion);
    for (const name of [
      'signalAndQueryHeader',
      'internalErrorDifferentiation',
      'activityFailureIncludeHeartbeat',
      'encodedFailureAttributes',
      'upsertMemo',
      'eagerWorkflowStart',
      'sdkMetadata',
      'countGroupByExecutionStatus',
      'buildIdBasedVersioning',
    ] as const) {
      assert.equal(capabilities?.[name], true, name);
    }
    const described = await s.service.describeNamespace({ namespace: s.namespace });
    assert.equal(described.namespaceInfo?.capabilities?.syncUpdate, true);
    assert.equal(described.namespaceInfo?.capabilities?.asyncUpdate, true);
    assert.equal(described.namespaceInfo?.capabilities?.eagerWorkflowStart, true);
  });

  scenario(env, 'the cluster', async (s) => {
    const info = await s.service.getClusterInfo({});
    assert.ok(info.clusterId);
    assert.ok(info.clusterName);
    assert.ok(Number(info.historyShardCount) >= 1);
    assert.ok(info.supportedClients?.['temporal-typescript']);
    assert.ok(info.persistenceStore);
  });

  scenario(env, 'health', async () => {
    const Health = makeClientConstructor(
      {
        Check: {
          path: '/grpc.health.v1.Health/Check',
          requestStream: false,
          responseStream: false,
          requestSerialize: (name: string) => Buffer.concat([Buffer.from([10, name.length]), Buffer.from(name)]),
          requestDeserialize: (bytes: Buffer) => bytes,
          responseSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes: Buffer) => bytes,
        },
      },
      'Health',
    );
    const client = new Health(env.address, credentials.createInsecure());
    const check = (name: string) =>
      new Promise<Buffer>((resolve, reject) => {
        client.Check?.(name, (error: Error | null, answer: Buffer) => (error ? reject(error) : resolve(answer)));
      });
    assert.deepEqual([...(await check('temporal.api.workflowservice.v1.WorkflowService'))], [8, 1], 'SERVING');
    await expectFailure(check('nobody'), { code: 'NOT_FOUND' });
    client.close();
  });
});
