// MetadataStore on PostgreSQL: shared by all hosts of a cluster, so conditions are checked in the statement that writes.

import type { MetadataStore, NamespaceRow } from '../metadata-store.ts';
import { ConditionFailedError } from '../store-errors.ts';
import { fromStoredText, toStoredText } from './array-literal.ts';
import type { PostgresClient, Row } from './client.ts';

export class PostgresMetadataStore implements MetadataStore {
  private readonly client: PostgresClient;

  constructor(client: PostgresClient) {
    this.client = client;
  }

  putNamespace(
    row: { readonly id: string; readonly name: string; readonly data: Uint8Array },
    expectedVersion: number,
  ): Promise<number> {
    return this.client.transaction(`put namespace ${row.name}`, async (query) => {
      // The row lock lets one writer in at a time: versions become visible in their order, so no reader skips one.
      const [next] = await query('UPDATE notification_version SET version = version + 1 RETURNING version');
      const version = next!.version as number;
      const name = toStoredText(row.name);
      const [stored] = await query(`${NAMESPACES} WHERE id = $1`, [row.id]);
      const storedVersion = (stored?.notification_version as number | undefined) ?? 0;
      if (storedVersion !== expectedVersion) {
        throw new ConditionFailedError(
          `namespace ${row.name} has version ${storedVersion}, expected ${expectedVersion}`,
        );
      }
      const [named] = await query(`${NAMESPACES} WHERE name = $1`, [name]);
      if (named !== undefined && named.id !== row.id) {
        throw new ConditionFailedError(`namespace name ${row.name} belongs to another id`);
      }
      await query(PUT_NAMESPACE, [row.id, name, row.data, version]);
      return version;
    });
  }

  async deleteNamespace(id: string): Promise<void> {
    await this.client.query(`delete namespace ${id}`, 'DELETE FROM namespaces WHERE id = $1', [id]);
  }

  async namespaceById(id: string): Promise<NamespaceRow | undefined> {
    const [row] = await this.client.query(`read namespace ${id}`, `${NAMESPACES} WHERE id = $1`, [id]);
    return row === undefined ? undefined : namespaceRow(row);
  }

  async namespaceByName(name: string): Promise<NamespaceRow | undefined> {
    const [row] = await this.client.query(`read namespace ${name}`, `${NAMESPACES} WHERE name = $1`, [
      toStoredText(name),
    ]);
    return row === undefined ? undefined : namespaceRow(row);
  }

  async listNamespaces(afterName: string, limit: number): Promise<readonly NamespaceRow[]> {
    const rows = await this.client.query('list namespaces', `${NAMESPACES} WHERE name > $1 ORDER BY name LIMIT $2`, [
      toStoredText(afterName),
      limit,
    ]);
    return rows.map(namespaceRow);
  }

  async namespacesChangedSince(version: number): Promise<readonly NamespaceRow[]> {
    const rows = await this.client.query(
      'read changed namespaces',
      `${NAMESPACES} WHERE notification_version > $1 ORDER BY notification_version`,
      [version],
    );
    return rows.map(namespaceRow);
  }

  async getDocument(name: string): Promise<{ readonly data: Uint8Array; readonly version: number } | undefined> {
    const [row] = await this.client.query(
      `read document ${name}`,
      'SELECT data, version FROM documents WHERE name = $1',
      [name],
    );
    return row === undefined ? undefined : { data: row.data as Uint8Array, version: row.version as number };
  }

  async putDocument(name: string, data: Uint8Array, expectedVersion: number): Promise<void> {
    const written =
      expectedVersion === 0
        ? await this.client.query(`create document ${name}`, CREATE_DOCUMENT, [name, data])
        : await this.client.query(`put document ${name}`, UPDATE_DOCUMENT, [name, data, expectedVersion]);
    if (written.length === 0) throw new ConditionFailedError(`document ${name} is not at version ${expectedVersion}`);
  }

  async upsertMember(member: {
    readonly hostId: string;
    readonly data: Uint8Array;
    readonly expiresAtMs: number;
  }): Promise<void> {
    await this.client.query(`put member ${member.hostId}`, PUT_MEMBER, [
      member.hostId,
      member.data,
      member.expiresAtMs,
    ]);
  }

  async removeMember(hostId: string): Promise<void> {
    await this.client.query(`remove member ${hostId}`, 'DELETE FROM members WHERE host_id = $1', [hostId]);
  }

  async listMembers(nowMs: number) {
    const rows = await this.client.query(
      'list members',
      'SELECT host_id, data, expires_at_ms FROM members WHERE expires_at_ms > $1 ORDER BY host_id',
      [nowMs],
    );
    return rows.map((row) => ({
      hostId: row.host_id as string,
      data: row.data as Uint8Array,
      expiresAtMs: row.expires_at_ms as number,
    }));
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

function namespaceRow(row: Row): NamespaceRow {
  return {
    id: row.id as string,
    name: fromStoredText(row.name as string),
    data: row.data as Uint8Array,
    notificationVersion: row.notification_version as number,
  };
}

const NAMESPACES = 'SELECT id, name, data, notification_version FROM namespaces';
const PUT_NAMESPACE = `INSERT INTO namespaces (id, name, data, notification_version) VALUES ($1, $2, $3, $4)
  ON CONFLICT (id) DO UPDATE SET
    name = excluded.name, data = excluded.data, notification_version = excluded.notification_version`;
const CREATE_DOCUMENT = `INSERT INTO documents (name, data, version) VALUES ($1, $2, 1)
  ON CONFLICT DO NOTHING RETURNING version`;
const UPDATE_DOCUMENT = `UPDATE documents SET data = $2, version = version + 1 WHERE name = $1 AND version = $3
  RETURNING version`;
const PUT_MEMBER = `INSERT INTO members (host_id, data, expires_at_ms) VALUES ($1, $2, $3)
  ON CONFLICT (host_id) DO UPDATE SET data = excluded.data, expires_at_ms = excluded.expires_at_ms`;
