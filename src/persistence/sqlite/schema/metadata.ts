// Schema of the main file: namespaces, documents, members.

import type { SchemaStep } from '../../schema-version.ts';

export const metadataSchema: readonly SchemaStep[] = [
  {
    version: 1,
    minCompatibleVersion: 1,
    summary: 'namespaces, documents, members',
    statements: [
      `CREATE TABLE namespaces (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        data BLOB NOT NULL,
        notification_version INTEGER NOT NULL UNIQUE
      ) WITHOUT ROWID`,
      // One row: the last notification version given out. It must not fall when the newest namespace is deleted.
      'CREATE TABLE notification_version (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), version INTEGER NOT NULL)',
      'INSERT INTO notification_version (only_row, version) VALUES (1, 0)',
      `CREATE TABLE documents (
        name TEXT PRIMARY KEY,
        data BLOB NOT NULL,
        version INTEGER NOT NULL
      ) WITHOUT ROWID`,
      `CREATE TABLE members (
        host_id TEXT PRIMARY KEY,
        data BLOB NOT NULL,
        expires_at_ms INTEGER NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
];
