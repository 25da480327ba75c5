// Namespace records over the metadata store: decoding, not-found errors, optimistic locking. Who calls: the namespace domain, on the
// worker thread.

import { NamespaceRecord, type NamespaceRecordInit } from '#proto/ostinato/worker/v1';
import type { MaybePromise } from '../base/maybe-promise.ts';
import { ConditionFailedError, type MetadataStore, type NamespaceRow } from '../persistence/index.ts';
import { invalidArgument, namespaceNotFound, unavailable } from '../proto/service-errors.ts';

/** How often an update is tried again after another host changed the record between read and write. */
const MAX_UPDATE_ATTEMPTS = 5;

export class NamespaceStore {
  private readonly store: MetadataStore;
  private readonly changed: (version: number) => MaybePromise<void>;

  /** `changed` hears the notification version of each write, and is waited for before the write is answered. */
  constructor(store: MetadataStore, changed: (version: number) => MaybePromise<void>) {
    this.store = store;
    this.changed = changed;
  }

  /** By exactly one of name and id. Throws namespaceNotFound. */
  async get(key: { readonly name: string; readonly id: string }): Promise<NamespaceRecord> {
    if (key.name !== '' && key.id !== '') {
      throw invalidArgument('GetNamespace operation failed.  Both ID and Name specified in request.');
    }
    if (key.name === '' && key.id === '') {
      throw invalidArgument('GetNamespace operation failed.  Both ID and Name are empty.');
    }
    const record = key.name === '' ? await this.byId(key.id) : await this.byName(key.name);
    if (record === undefined) throw namespaceNotFound(key.name === '' ? key.id : key.name);
    return record;
  }

  async byName(name: string): Promise<NamespaceRecord | undefined> {
    return visible(await this.store.namespaceByName(name));
  }

  async byId(id: string): Promise<NamespaceRecord | undefined> {
    return visible(await this.store.namespaceById(id));
  }

  /** A page in order of names, records that wait for their removal included. */
  async page(afterName: string, limit: number): Promise<readonly NamespaceRecord[]> {
    return (await this.store.listNamespaces(afterName, limit)).map(decode);
  }

  /** Everything changed after a version, removed namespaces among it. */
  async changedSince(version: number): Promise<readonly NamespaceRecord[]> {
    return (await this.store.namespacesChangedSince(version)).map(decode);
  }

  /** False if the name is taken. */
  async create(record: NamespaceRecordInit & { readonly id: string; readonly name: string }): Promise<boolean> {
    return this.put(record, 0);
  }

  /**
   * Applies `change` to the record named so, again if another host was faster. `change` answers undefined to leave it as it is.
   * Returns the record as it is afterwards.
   */
  async update(
    name: string,
    change: (record: NamespaceRecord) => NamespaceRecord | undefined,
  ): Promise<NamespaceRecord> {
    for (let attempt = 1; attempt <= MAX_UPDATE_ATTEMPTS; attempt++) {
      const record = await this.get({ name, id: '' });
      const version = record.notificationVersion;
      const changed = change(record);
      if (changed === undefined) return record;
      if (await this.put(changed, version)) return changed;
    }
    throw unavailable(`namespace ${name} is changed by others at the same time`);
  }

  /** Removes the row itself. */
  async remove(id: string): Promise<void> {
    await this.store.deleteNamespace(id);
  }

  private async put(
    record: NamespaceRecordInit & { readonly id: string; readonly name: string },
    expectedVersion: number,
  ): Promise<boolean> {
    const { id, name } = record;
    let version: number;
    try {
      version = await this.store.putNamespace({ id, name, data: NamespaceRecord.encode(record) }, expectedVersion);
    } catch (error) {
      if (error instanceof ConditionFailedError) return false;
      throw error;
    }
    await this.changed(version);
    return true;
  }
}

/** The row's own version counts: the record was encoded before the store gave it one. */
function decode(row: NamespaceRow): NamespaceRecord {
  return { ...NamespaceRecord.decode(row.data), notificationVersion: row.notificationVersion };
}

/** A record that only waits until every thread and host has seen its removal is gone to everybody else. */
function visible(row: NamespaceRow | undefined): NamespaceRecord | undefined {
  const record = row === undefined ? undefined : decode(row);
  return record?.deleted === true ? undefined : record;
}
