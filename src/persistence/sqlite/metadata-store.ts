// MetadataStore on SQLite: the main file, shared by the connections of one process.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MetadataStore, NamespaceRow } from '../metadata-store.ts';
import { ConditionFailedError } from '../store-errors.ts';
import { storeError } from './open-database.ts';

type Row = Record<string, unknown>;

export class SqliteMetadataStore implements MetadataStore {
  private readonly database: DatabaseSync;
  private readonly statements: ReturnType<typeof prepareStatements>;
  private closed = false;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.statements = prepareStatements(database);
  }

  putNamespace(
    row: { readonly id: string; readonly name: string; readonly data: Uint8Array },
    expectedVersion: number,
  ): number {
    return this.transact(`put namespace ${row.name}`, () => {
      const stored = this.statements.namespaceById.get(row.id);
      const storedVersion = (stored?.notification_version as number | undefined) ?? 0;
      if (storedVersion !== expectedVersion) {
        throw new ConditionFailedError(
          `namespace ${row.name} has version ${storedVersion}, expected ${expectedVersion}`,
        );
      }
      const named = this.statements.namespaceByName.get(row.name);
      if (named !== undefined && named.id !== row.id) {
        throw new ConditionFailedError(`namespace name ${row.name} belongs to another id`);
      }
      const version = this.statements.nextNotificationVersion.get()!.version as number;
      this.statements.putNamespace.run(row.id, row.name, row.data, version);
      return version;
    });
  }

  deleteNamespace(id: string): void {
    this.attempt(`delete namespace ${id}`, () => this.statements.deleteNamespace.run(id));
  }

  namespaceById(id: string): NamespaceRow | undefined {
    return this.attempt(`read namespace ${id}`, () => namespaceRow(this.statements.namespaceById.get(id)));
  }

  namespaceByName(name: string): NamespaceRow | undefined {
    return this.attempt(`read namespace ${name}`, () => namespaceRow(this.statements.namespaceByName.get(name)));
  }

  listNamespaces(afterName: string, limit: number): readonly NamespaceRow[] {
    return this.attempt('list namespaces', () =>
      this.statements.listNamespaces.all(afterName, limit).map((row) => namespaceRow(row)!),
    );
  }

  namespacesChangedSince(version: number): readonly NamespaceRow[] {
    return this.attempt('read changed namespaces', () =>
      this.statements.namespacesChangedSince.all(version).map((row) => namespaceRow(row)!),
    );
  }

  getDocument(name: string): { readonly data: Uint8Array; readonly version: number } | undefined {
    return this.attempt(`read document ${name}`, () => {
      const row = this.statements.document.get(name);
      if (row === undefined) return undefined;
      return { data: row.data as Uint8Array, version: row.version as number };
    });
  }

  putDocument(name: string, data: Uint8Array, expectedVersion: number): void {
    this.transact(`put document ${name}`, () => {
      const storedVersion = (this.statements.document.get(name)?.version as number | undefined) ?? 0;
      if (storedVersion !== expectedVersion) {
        throw new ConditionFailedError(`document ${name} has version ${storedVersion}, expected ${expectedVersion}`);
      }
      this.statements.putDocument.run(name, data, expectedVersion + 1);
    });
  }

  upsertMember(member: { readonly hostId: string; readonly data: Uint8Array; readonly expiresAtMs: number }): void {
    this.attempt(`put member ${member.hostId}`, () =>
      this.statements.putMember.run(member.hostId, member.data, member.expiresAtMs),
    );
  }

  removeMember(hostId: string): void {
    this.attempt(`remove member ${hostId}`, () => this.statements.deleteMember.run(hostId));
  }

  listMembers(nowMs: number) {
    return this.attempt('list members', () =>
      this.statements.members.all(nowMs).map((row: Row) => ({
        hostId: row.host_id as string,
        data: row.data as Uint8Array,
        expiresAtMs: row.expires_at_ms as number,
      })),
    );
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.database.close();
  }

  private attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw storeError(what, error);
    }
  }

  private transact<T>(what: string, action: () => T): T {
    return this.attempt(what, () => {
      this.statements.begin.run();
      try {
        const result = action();
        this.statements.commit.run();
        return result;
      } catch (error) {
        if (this.database.isTransaction) this.statements.rollback.run();
        throw error;
      }
    });
  }
}

function namespaceRow(row: Row | undefined): NamespaceRow | undefined {
  if (row === undefined) return undefined;
  return {
    id: row.id as string,
    name: row.name as string,
    data: row.data as Uint8Array,
    notificationVersion: row.notification_version as number,
  };
}

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  const namespaces = 'SELECT id, name, data, notification_version FROM namespaces';
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    rollback: prepare('ROLLBACK'),
    nextNotificationVersion: prepare('UPDATE notification_version SET version = version + 1 RETURNING version'),
    putNamespace: prepare(`INSERT INTO namespaces (id, name, data, notification_version) VALUES (?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        name = excluded.name, data = excluded.data, notification_version = excluded.notification_version`),
    deleteNamespace: prepare('DELETE FROM namespaces WHERE id = ?'),
    namespaceById: prepare(`${namespaces} WHERE id = ?`),
    namespaceByName: prepare(`${namespaces} WHERE name = ?`),
    listNamespaces: prepare(`${namespaces} WHERE name > ? ORDER BY name LIMIT ?`),
    namespacesChangedSince: prepare(`${namespaces} WHERE notification_version > ? ORDER BY notification_version`),
    document: prepare('SELECT data, version FROM documents WHERE name = ?'),
    putDocument: prepare('INSERT OR REPLACE INTO documents (name, data, version) VALUES (?, ?, ?)'),
    putMember: prepare('INSERT OR REPLACE INTO members (host_id, data, expires_at_ms) VALUES (?, ?, ?)'),
    deleteMember: prepare('DELETE FROM members WHERE host_id = ?'),
    members: prepare('SELECT host_id, data, expires_at_ms FROM members WHERE expires_at_ms > ? ORDER BY host_id'),
  };
}
