// MetadataStore in memory: for tests and the simulator.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import type { MetadataStore, NamespaceRow } from '../metadata-store.ts';
import { ConditionFailedError } from '../store-errors.ts';
import type { FaultGate } from './fault-gate.ts';
import { copyBytes, type MemoryTables } from './schema.ts';

export class MemoryMetadataStore implements MetadataStore {
  private readonly tables: MemoryTables;
  private readonly gate: FaultGate;

  constructor(tables: MemoryTables, gate: FaultGate) {
    this.tables = tables;
    this.gate = gate;
  }

  putNamespace(
    row: { readonly id: string; readonly name: string; readonly data: Uint8Array },
    expectedVersion: number,
  ): MaybePromise<number> {
    return this.gate.perform('putNamespace', () => {
      const { namespaces } = this.tables;
      const storedVersion = namespaces.get(row.id)?.notificationVersion ?? 0;
      if (storedVersion !== expectedVersion) {
        throw new ConditionFailedError(
          `namespace ${row.name} has version ${storedVersion}, expected ${expectedVersion}`,
        );
      }
      if ([...namespaces.values()].some((other) => other.name === row.name && other.id !== row.id)) {
        throw new ConditionFailedError(`namespace name ${row.name} belongs to another id`);
      }
      this.tables.notificationVersion += 1;
      const notificationVersion = this.tables.notificationVersion;
      namespaces.set(row.id, { id: row.id, name: row.name, data: copyBytes(row.data), notificationVersion });
      return notificationVersion;
    });
  }

  deleteNamespace(id: string): MaybePromise<void> {
    return this.gate.perform('deleteNamespace', () => {
      this.tables.namespaces.delete(id);
    });
  }

  namespaceById(id: string): MaybePromise<NamespaceRow | undefined> {
    return this.gate.perform('namespaceById', () => this.tables.namespaces.get(id));
  }

  namespaceByName(name: string): MaybePromise<NamespaceRow | undefined> {
    return this.gate.perform('namespaceByName', () =>
      [...this.tables.namespaces.values()].find((row) => row.name === name),
    );
  }

  listNamespaces(afterName: string, limit: number): MaybePromise<readonly NamespaceRow[]> {
    return this.gate.perform('listNamespaces', () =>
      [...this.tables.namespaces.values()]
        .filter((row) => row.name > afterName)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .slice(0, limit),
    );
  }

  namespacesChangedSince(version: number): MaybePromise<readonly NamespaceRow[]> {
    return this.gate.perform('namespacesChangedSince', () =>
      [...this.tables.namespaces.values()]
        .filter((row) => row.notificationVersion > version)
        .sort((a, b) => a.notificationVersion - b.notificationVersion),
    );
  }

  getDocument(name: string): MaybePromise<{ readonly data: Uint8Array; readonly version: number } | undefined> {
    return this.gate.perform('getDocument', () => this.tables.documents.get(name));
  }

  putDocument(name: string, data: Uint8Array, expectedVersion: number): MaybePromise<void> {
    return this.gate.perform('putDocument', () => {
      const storedVersion = this.tables.documents.get(name)?.version ?? 0;
      if (storedVersion !== expectedVersion) {
        throw new ConditionFailedError(`document ${name} has version ${storedVersion}, expected ${expectedVersion}`);
      }
      this.tables.documents.set(name, { data: copyBytes(data), version: expectedVersion + 1 });
    });
  }

  upsertMember(member: { readonly hostId: string; readonly data: Uint8Array; readonly expiresAtMs: number }) {
    return this.gate.perform('upsertMember', () => {
      this.tables.members.set(member.hostId, { ...member, data: copyBytes(member.data) });
    });
  }

  removeMember(hostId: string): MaybePromise<void> {
    return this.gate.perform('removeMember', () => {
      this.tables.members.delete(hostId);
    });
  }

  listMembers(nowMs: number) {
    return this.gate.perform('listMembers', () =>
      [...this.tables.members.values()]
        .filter((member) => member.expiresAtMs > nowMs)
        .sort((a, b) => (a.hostId < b.hostId ? -1 : 1)),
    );
  }

  close(): void {}
}
