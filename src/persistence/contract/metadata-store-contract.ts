// The contract of MetadataStore as tests, run by every backend.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { MetadataStore } from '../metadata-store.ts';
import { ConditionFailedError } from '../store-errors.ts';
import { bytes, type ContractBackend, failureOf, text } from './contract-backend.ts';

export function describeMetadataStore(backend: ContractBackend): void {
  describe(`metadata store on ${backend.name}`, () => {
    let opened: Awaited<ReturnType<ContractBackend['open']>>;
    let store: MetadataStore;

    before(async () => {
      opened = await backend.open();
      store = await opened.factory.openMetadataStore();
    });
    after(async () => {
      await store?.close();
      await opened?.close();
    });
    afterEach(async () => {
      for (const row of await store.listNamespaces('', 1000)) await store.deleteNamespace(row.id);
    });

    const put = async (id: string, name: string, data: string, expectedVersion: number) =>
      store.putNamespace({ id, name, data: bytes(data) }, expectedVersion);
    const refused = async (operation: () => unknown) => {
      const error = await failureOf(operation);
      assert.ok(error instanceof ConditionFailedError, String(error));
    };

    test('a namespace is found by id and by name', async () => {
      const version = await put('id-1', 'payments', 'record', 0);
      for (const row of [await store.namespaceById('id-1'), await store.namespaceByName('payments')]) {
        assert.equal(row?.id, 'id-1');
        assert.equal(row.name, 'payments');
        assert.equal(text(row.data), 'record');
        assert.equal(row.notificationVersion, version);
      }
      assert.equal(await store.namespaceById('payments'), undefined);
      assert.equal(await store.namespaceByName('id-1'), undefined);
    });

    test('a change must know the stored version', async () => {
      const first = await put('id-1', 'payments', 'one', 0);
      await refused(() => put('id-1', 'payments', 'two', 0));
      await refused(() => put('id-1', 'payments', 'two', first + 1));
      const second = await put('id-1', 'payments', 'two', first);
      assert.ok(second > first);
      await refused(() => put('id-1', 'payments', 'three', first));
      await refused(() => put('id-2', 'orders', 'one', first));
      assert.equal(text((await store.namespaceById('id-1'))?.data), 'two');
      assert.equal(await store.namespaceById('id-2'), undefined);
    });

    test('a name belongs to one id, and is free again once that was renamed or deleted', async () => {
      const version = await put('id-1', 'payments', '', 0);
      await refused(() => put('id-2', 'payments', '', 0));
      await put('id-1', 'renamed', '', version);
      assert.equal(await store.namespaceByName('payments'), undefined);
      await put('id-2', 'payments', '', 0);
      await store.deleteNamespace('id-2');
      await put('id-3', 'payments', '', 0);
      assert.equal((await store.namespaceByName('payments'))?.id, 'id-3');
    });

    test('namespaces are listed by name, in pages', async () => {
      for (const name of ['c', 'a', 'B', 'b']) await put(`id-${name}`, name, '', 0);
      const names = async (afterName: string, limit: number) =>
        (await store.listNamespaces(afterName, limit)).map((row) => row.name);
      assert.deepEqual(await names('', 10), ['B', 'a', 'b', 'c']);
      assert.deepEqual(await names('', 2), ['B', 'a']);
      assert.deepEqual(await names('a', 2), ['b', 'c']);
      assert.deepEqual(await names('c', 2), []);
    });

    test('changes are read in their order, and a version is never given out twice', async () => {
      const first = await put('id-1', 'a', '', 0);
      const second = await put('id-2', 'b', '', 0);
      const third = await put('id-1', 'a', 'changed', first);
      const changed = async (version: number) =>
        (await store.namespacesChangedSince(version)).map((row) => [row.id, row.notificationVersion]);
      assert.deepEqual(await changed(first - 1), [
        ['id-2', second],
        ['id-1', third],
      ]);
      assert.deepEqual(await changed(second), [['id-1', third]]);
      assert.deepEqual(await changed(third), []);
      await store.deleteNamespace('id-1');
      assert.ok((await put('id-1', 'a', '', 0)) > third);
    });

    test('writers at the same time get different versions', async () => {
      const versions = await Promise.all(
        Array.from({ length: 10 }, async (_, index) => put(`id-${index}`, `name-${index}`, '', 0)),
      );
      assert.equal(new Set(versions).size, 10);
    });

    test('deleting a namespace that does not exist is no error', async () => {
      await store.deleteNamespace('absent');
    });

    test('a document is created once and changed by who knows its version', async () => {
      assert.equal(await store.getDocument('cluster'), undefined);
      await refused(() => store.putDocument('cluster', bytes('one'), 1));
      await store.putDocument('cluster', bytes('one'), 0);
      await refused(() => store.putDocument('cluster', bytes('two'), 0));
      const stored = await store.getDocument('cluster');
      assert.equal(text(stored?.data), 'one');
      assert.equal(stored?.version, 1);
      await store.putDocument('cluster', bytes('two'), 1);
      await refused(() => store.putDocument('cluster', bytes('three'), 1));
      assert.deepEqual(
        [text((await store.getDocument('cluster'))?.data), (await store.getDocument('cluster'))?.version],
        ['two', 2],
      );
    });

    test('of writers at the same time one changes a document', async () => {
      await store.putDocument('contended', bytes(''), 0);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 5 }, async (_, index) => store.putDocument('contended', bytes(String(index)), 1)),
      );
      assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 1);
      assert.equal((await store.getDocument('contended'))?.version, 2);
    });

    test('members are listed until their lease ends, renewed and removed', async () => {
      const now = Date.now();
      await store.upsertMember({ hostId: 'b', data: bytes('b'), expiresAtMs: now + 1000 });
      await store.upsertMember({ hostId: 'a', data: bytes('a'), expiresAtMs: now + 2000 });
      const members = async (nowMs: number) =>
        (await store.listMembers(nowMs)).map((member) => [member.hostId, text(member.data), member.expiresAtMs - now]);
      assert.deepEqual(await members(now), [
        ['a', 'a', 2000],
        ['b', 'b', 1000],
      ]);
      assert.deepEqual(await members(now + 1000), [['a', 'a', 2000]]);
      await store.upsertMember({ hostId: 'b', data: bytes('b2'), expiresAtMs: now + 3000 });
      assert.deepEqual(await members(now + 2000), [['b', 'b2', 3000]]);
      await store.removeMember('b');
      await store.removeMember('b');
      assert.deepEqual(await members(now), [['a', 'a', 2000]]);
    });

    const notDurable = backend.durable ? false : `${backend.name} loses its data when it is closed`;
    test('what was written is there after the store is opened again', { skip: notDurable }, async () => {
      const version = await put('id-1', 'durable', 'record', 0);
      await store.putDocument('durable', bytes('document'), 0);
      await store.close();
      await store.close(); // twice is safe
      store = await opened.factory.openMetadataStore();
      assert.equal((await store.namespaceByName('durable'))?.notificationVersion, version);
      assert.equal(text((await store.getDocument('durable'))?.data), 'document');
    });
  });
}
