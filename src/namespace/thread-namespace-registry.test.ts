import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ListNamespaceRecordsRequest,
  ListNamespaceRecordsResponse,
  NamespaceRecord,
  type NamespaceRecordInit,
} from '#proto/ostinato/worker/v1';
import { GrpcCode, ServiceError } from '../base/service-error.ts';
import { SettingValues } from '../config/setting-values.ts';
import { silentLogger } from '../metrics/logger.ts';
import { VirtualClock } from '../runtime/virtual-clock.ts';
import { CACHE_REFRESH_INTERVAL } from './settings.ts';
import { ThreadNamespaceRegistry } from './thread-namespace-registry.ts';

/** A worker thread that answers from a list, and counts what it is asked. */
class FakeWorker {
  calls = 0;
  failure: Error | undefined;
  private version = 0;
  private readonly records = new Map<string, NamespaceRecord>();

  put(init: NamespaceRecordInit & { readonly id: string }): number {
    const stored = this.records.get(init.id);
    const record = { ...(stored ?? NamespaceRecord.decode(new Uint8Array(0))), ...init } as NamespaceRecord;
    this.records.set(init.id, { ...record, notificationVersion: ++this.version });
    return this.version;
  }

  async callWorker(_method: string, request: Uint8Array): Promise<Uint8Array> {
    this.calls++;
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    const { afterVersion } = ListNamespaceRecordsRequest.decode(request);
    const records = [...this.records.values()].filter((record) => record.notificationVersion > afterVersion);
    return ListNamespaceRecordsResponse.encode({ records, version: this.version });
  }
}

async function startRegistry(worker: FakeWorker) {
  const clock = new VirtualClock();
  const config = new SettingValues();
  const registry = new ThreadNamespaceRegistry({ router: worker, clock, logger: silentLogger, config });
  await registry.start();
  return { registry, clock, config };
}

const isNotFound = (name: string) => (error: unknown) => {
  assert.ok(error instanceof ServiceError);
  assert.equal(error.code, GrpcCode.NOT_FOUND);
  assert.equal(error.message, `Namespace ${name} is not found.`);
  assert.ok(error.is('temporal.api.errordetails.v1.NamespaceNotFoundFailure'));
  return true;
};

describe('the namespace registry of a thread', () => {
  test('knows every namespace after its start, without asking again', async () => {
    const worker = new FakeWorker();
    worker.put({ id: '1', name: 'a' });
    worker.put({ id: '2', name: 'b' });
    const { registry } = await startRegistry(worker);
    assert.equal(registry.byName('a')?.id, '1');
    assert.equal(registry.byId('2')?.name, 'b');
    assert.equal((registry.resolveName('a') as NamespaceRecord).id, '1');
    assert.equal(worker.calls, 1);
    registry.stop();
  });

  test('a change is there after the notification, an old notification asks nothing', async () => {
    const worker = new FakeWorker();
    worker.put({ id: '1', name: 'a' });
    const { registry, clock } = await startRegistry(worker);
    const version = worker.put({ id: '1', name: 'a', description: 'new' });
    registry.namespacesChanged(version);
    await clock.settle();
    assert.equal(registry.byName('a')?.description, 'new');
    registry.namespacesChanged(version);
    assert.equal(worker.calls, 2);
    registry.stop();
  });

  test('an unknown name is asked for once, then missing for a while', async () => {
    const worker = new FakeWorker();
    const { registry, clock } = await startRegistry(worker);
    await assert.rejects(async () => registry.resolveName('late'), isNotFound('late'));
    assert.equal(worker.calls, 2);
    worker.put({ id: '9', name: 'late' });
    await assert.rejects(async () => registry.resolveName('late'), isNotFound('late'));
    assert.equal(worker.calls, 2, 'the answer is remembered');
    await clock.advance(1000);
    assert.equal((await registry.resolveName('late')).id, '9');
    assert.equal(worker.calls, 3);
    registry.stop();
  });

  test('a name that appears is no longer missing', async () => {
    const worker = new FakeWorker();
    const { registry, clock } = await startRegistry(worker);
    await assert.rejects(async () => registry.resolveId('9'), isNotFound('9'));
    registry.namespacesChanged(worker.put({ id: '9', name: 'late' }));
    await clock.settle();
    assert.equal((await registry.resolveId('9')).name, 'late');
    registry.stop();
  });

  test('many questions at once are one call, and a question during a call gets a newer answer', async () => {
    const worker = new FakeWorker();
    const { registry } = await startRegistry(worker);
    const first = registry.resolveName('a');
    worker.put({ id: '1', name: 'a' });
    const others = [registry.resolveName('a'), registry.resolveId('1')];
    assert.equal((await first).id, '1');
    for (const other of others) assert.equal((await other).id, '1');
    assert.equal(worker.calls, 3);
    registry.stop();
  });

  test('a renamed namespace leaves its old name to another', async () => {
    const worker = new FakeWorker();
    worker.put({ id: '1', name: 'a' });
    const { registry, clock } = await startRegistry(worker);
    worker.put({ id: '2', name: 'a' });
    registry.namespacesChanged(worker.put({ id: '1', name: 'a-deleted-1' }));
    await clock.settle();
    assert.equal(registry.byName('a')?.id, '2');
    assert.equal(registry.byName('a-deleted-1')?.id, '1');
    registry.stop();
  });

  test('a removed namespace is gone, and listeners hear of changes', async () => {
    const worker = new FakeWorker();
    worker.put({ id: '1', name: 'a' });
    const { registry, clock } = await startRegistry(worker);
    const heard: string[] = [];
    registry.onChange((record) => heard.push(`${record.name}${record.deleted ? ' gone' : ''}`));
    registry.namespacesChanged(worker.put({ id: '1', name: 'a', deleted: true }));
    await clock.settle();
    assert.equal(registry.byName('a'), undefined);
    assert.equal(registry.byId('1'), undefined);
    assert.deepEqual(heard, ['a gone']);
    registry.stop();
  });

  test("how soon another host's change is seen can be set", async () => {
    const worker = new FakeWorker();
    const { registry, clock, config } = await startRegistry(worker);
    config.set(CACHE_REFRESH_INTERVAL, 100);
    await clock.advance(2000); // the old interval runs out
    worker.put({ id: '1', name: 'a' });
    await clock.advance(100);
    assert.equal(registry.byName('a')?.id, '1');
    registry.stop();
  });

  test("another host's change is seen without a notification, also after a failed call", async () => {
    const worker = new FakeWorker();
    const { registry, clock } = await startRegistry(worker);
    worker.failure = new Error('the worker thread restarts');
    worker.put({ id: '1', name: 'a' });
    await clock.advance(2000);
    assert.equal(registry.byName('a'), undefined);
    worker.failure = undefined;
    await clock.advance(2000);
    assert.equal(registry.byName('a')?.id, '1');
    registry.stop();
    const { calls } = worker;
    await clock.advance(10_000);
    assert.equal(worker.calls, calls, 'a stopped registry asks nothing');
  });
});
