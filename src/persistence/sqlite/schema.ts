// Reads and raises the schema version of one SQLite file. Called when a store opens and by `ostinato schema`.

import type { DatabaseSync } from 'node:sqlite';
import {
  admitSchema,
  describeSchema,
  pendingSteps,
  type SchemaStatus,
  type SchemaStep,
  type StoredSchemaVersion,
} from '../schema-version.ts';

export { historySchema } from './schema/history.ts';
export { matchingSchema } from './schema/matching.ts';
export { metadataSchema } from './schema/metadata.ts';

/** Creates the schema in a new file; see admitSchema for an existing one. */
export function prepareDatabaseSchema(
  database: DatabaseSync,
  location: string,
  steps: readonly SchemaStep[],
  options: { readonly upgrade: boolean },
): void {
  const status = describeDatabaseSchema(database, location, steps);
  if (admitSchema(status, options) === 'apply') applySchemaSteps(database, steps);
}

export function describeDatabaseSchema(
  database: DatabaseSync,
  location: string,
  steps: readonly SchemaStep[],
): SchemaStatus {
  return describeSchema(location, steps, readStoredVersion(database));
}

/** All pending steps in one transaction: an interrupted upgrade leaves the old version. */
export function applySchemaSteps(database: DatabaseSync, steps: readonly SchemaStep[]): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    // Read again under the lock: another process may have been faster.
    const pending = pendingSteps(steps, readStoredVersion(database));
    database.exec(`CREATE TABLE IF NOT EXISTS schema_version (
      only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
      current_version INTEGER NOT NULL,
      min_compatible_version INTEGER NOT NULL
    )`);
    for (const step of pending) {
      for (const statement of step.statements) database.exec(statement);
      database
        .prepare(
          'INSERT OR REPLACE INTO schema_version (only_row, current_version, min_compatible_version) VALUES (1, ?, ?)',
        )
        .run(step.version, step.minCompatibleVersion);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function readStoredVersion(database: DatabaseSync): StoredSchemaVersion | undefined {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'").get();
  if (table === undefined) return undefined;
  const row = database.prepare('SELECT current_version, min_compatible_version FROM schema_version').get();
  if (row === undefined) return undefined;
  return {
    currentVersion: row.current_version as number,
    minCompatibleVersion: row.min_compatible_version as number,
  };
}
