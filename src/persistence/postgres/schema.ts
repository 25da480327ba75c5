// Creates the database, and reads and raises the version of a schema in it. Called at start and by `ostinato schema`.

import postgres from 'postgres';
import { invariant } from '../../base/invariant.ts';
import {
  admitSchema,
  describeSchema,
  pendingSteps,
  type SchemaStatus,
  type SchemaStep,
  type StoredSchemaVersion,
} from '../schema-version.ts';
import { StoreUnavailableError } from '../store-errors.ts';
import { databaseOf, redactedUrl } from './database-url.ts';
import { version1 } from './schema/v1.ts';
import { version2 } from './schema/v2.ts';
import { version3 } from './schema/v3.ts';
import { version4 } from './schema/v4.ts';

export const postgresSchema: readonly SchemaStep[] = [version1, version2, version3, version4];

/** Several schemas can share a database (visibility has its own); each has a name and a version. */
export const CORE_SCHEMA_NAME = 'core';

/** Hosts that start together take turns: an arbitrary key for an advisory lock. */
const SCHEMA_LOCK_KEY = 0x6f737469;
const CONNECT_TIMEOUT_S = 5;

const INVALID_CATALOG_NAME = '3D000';
const DUPLICATE_DATABASE = '42P04';
const UNIQUE_VIOLATION = '23505'; // what a lost race for CREATE DATABASE can also answer

type Connection = ReturnType<typeof connect>;

export interface SchemaTarget {
  readonly url: string;
  readonly name: string;
  readonly steps: readonly SchemaStep[];
}

/** Creates the database if it is missing; for the rest see admitSchema. */
export async function prepareDatabaseSchema(
  target: SchemaTarget,
  options: { readonly upgrade: boolean },
): Promise<void> {
  await createDatabaseIfMissing(target.url);
  await withConnection(target.url, async (sql) => {
    const status = describeSchema(location(target), target.steps, await readStoredVersion(sql, target.name));
    if (admitSchema(status, options) === 'apply') await applySteps(sql, target);
  });
}

export async function describeDatabaseSchema(target: SchemaTarget): Promise<SchemaStatus> {
  try {
    return await withConnection(target.url, async (sql) =>
      describeSchema(location(target), target.steps, await readStoredVersion(sql, target.name)),
    );
  } catch (error) {
    if (hasCode(error, INVALID_CATALOG_NAME)) return describeSchema(location(target), target.steps, undefined);
    throw error;
  }
}

/** All pending steps in one transaction: an interrupted upgrade leaves the old version. */
async function applySteps(sql: Connection, { name, steps }: SchemaTarget): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction`SELECT pg_advisory_xact_lock(${SCHEMA_LOCK_KEY})`;
    await transaction`CREATE TABLE IF NOT EXISTS schema_version (
      name text PRIMARY KEY,
      current_version integer NOT NULL,
      min_compatible_version integer NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now()
    )`;
    // Read under the lock: another host may have been faster.
    for (const step of pendingSteps(steps, await readStoredVersion(transaction, name))) {
      for (const statement of step.statements) await transaction.unsafe(statement);
      await transaction`INSERT INTO schema_version (name, current_version, min_compatible_version)
        VALUES (${name}, ${step.version}, ${step.minCompatibleVersion})
        ON CONFLICT (name) DO UPDATE SET current_version = excluded.current_version,
          min_compatible_version = excluded.min_compatible_version, updated_at = now()`;
    }
  });
}

async function readStoredVersion(
  sql: Connection | postgres.TransactionSql,
  name: string,
): Promise<StoredSchemaVersion | undefined> {
  const [table] = await sql`SELECT to_regclass('schema_version') IS NOT NULL AS present`;
  if (table?.present !== true) return undefined;
  const [row] = await sql`SELECT current_version, min_compatible_version FROM schema_version WHERE name = ${name}`;
  if (row === undefined) return undefined;
  return { currentVersion: row.current_version, minCompatibleVersion: row.min_compatible_version };
}

async function createDatabaseIfMissing(url: string): Promise<void> {
  try {
    await withConnection(url, (sql) => sql`SELECT 1`);
    return;
  } catch (error) {
    if (!hasCode(error, INVALID_CATALOG_NAME)) throw error;
  }
  const maintenance = new URL(url);
  const { database } = databaseOf(url);
  invariant(database !== undefined, 'a database that does not exist has a name');
  maintenance.pathname = '/postgres';
  try {
    await withConnection(maintenance.href, (sql) => sql`CREATE DATABASE ${sql(database)}`);
  } catch (error) {
    if (!hasCode(error, DUPLICATE_DATABASE) && !hasCode(error, UNIQUE_VIOLATION)) throw error;
  }
}

async function withConnection<T>(url: string, use: (sql: Connection) => PromiseLike<T>): Promise<T> {
  const sql = connect(url);
  try {
    return await use(sql);
  } catch (error) {
    if (error instanceof Error && typeof (error as { code?: unknown }).code === 'string') {
      throw new StoreUnavailableError(`PostgreSQL at ${redactedUrl(url)}: ${error.message}`, { cause: error });
    }
    throw error;
  } finally {
    await sql.end({ timeout: CONNECT_TIMEOUT_S });
  }
}

function connect(url: string) {
  return postgres(url, {
    ...databaseOf(url),
    max: 1,
    connect_timeout: CONNECT_TIMEOUT_S,
    fetch_types: false,
    onnotice: () => {},
  });
}

function hasCode(error: unknown, code: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && (cause as { code?: unknown }).code === code;
}

function location(target: SchemaTarget): string {
  return `${redactedUrl(target.url)} (${target.name})`;
}
