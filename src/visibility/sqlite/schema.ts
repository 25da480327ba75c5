// Versions of the SQLite visibility schema. Times in microseconds since the epoch. A namespace is a small number here: it begins
// every index entry, and a UUID there would be most of it. Custom and predefined attributes have a column each, named after the
// field, with a partial index: rows without the attribute cost next to nothing.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import type { SchemaStep } from '../../persistence/index.ts';
import { ATTRIBUTE_FIELDS } from '../search-attributes/definitions.ts';
import { INDEX_ORDER } from '../sql/predicate-sql.ts';

function columnType(type: IndexedValueType): string {
  switch (type) {
    case IndexedValueType.BOOL:
    case IndexedValueType.INT:
    case IndexedValueType.DATETIME:
      return 'INTEGER';
    case IndexedValueType.DOUBLE:
      return 'REAL';
    default:
      return 'TEXT';
  }
}

/** Lists of keywords and words of texts are searched, not looked up: an index on the column would not help. */
const isIndexed = (type: IndexedValueType): boolean =>
  type !== IndexedValueType.KEYWORD_LIST && type !== IndexedValueType.TEXT;

const attributeColumns = [...ATTRIBUTE_FIELDS].map(([field, type]) => `"${field}" ${columnType(type)}`).join(', ');

const attributeIndexes = [...ATTRIBUTE_FIELDS]
  .filter(([, type]) => isIndexed(type))
  .map(
    ([field]) =>
      `CREATE INDEX "by_${field}" ON executions (namespace, "${field}", ${INDEX_ORDER}) WHERE "${field}" IS NOT NULL`,
  );

const version1: SchemaStep = {
  version: 1,
  minCompatibleVersion: 1,
  summary: 'executions and their search attributes',
  statements: [
    `CREATE TABLE namespaces (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE) STRICT`,
    `CREATE TABLE executions (
      namespace INTEGER NOT NULL,
      run_id TEXT NOT NULL,
      version INTEGER NOT NULL,
      workflow_id TEXT NOT NULL,
      workflow_type TEXT NOT NULL,
      start_time INTEGER NOT NULL,
      execution_time INTEGER NOT NULL,
      close_time INTEGER,
      status INTEGER NOT NULL,
      history_length INTEGER,
      history_size_bytes INTEGER,
      execution_duration INTEGER,
      state_transition_count INTEGER,
      task_queue TEXT NOT NULL,
      parent_workflow_id TEXT,
      parent_run_id TEXT,
      root_workflow_id TEXT NOT NULL,
      root_run_id TEXT NOT NULL,
      memo BLOB,
      search_attributes BLOB,
      ${attributeColumns},
      PRIMARY KEY (namespace, run_id)
    ) STRICT`,
    `CREATE INDEX by_close_time ON executions (namespace, ${INDEX_ORDER})`,
    `CREATE INDEX by_workflow_id ON executions (namespace, workflow_id, ${INDEX_ORDER})`,
    `CREATE INDEX by_workflow_type ON executions (namespace, workflow_type, ${INDEX_ORDER})`,
    `CREATE INDEX by_status ON executions (namespace, status, ${INDEX_ORDER})`,
    `CREATE INDEX by_parent_workflow_id ON executions (namespace, parent_workflow_id, ${INDEX_ORDER})
      WHERE parent_workflow_id IS NOT NULL`,
    ...attributeIndexes,
  ],
};

export const sqliteVisibilitySchema: readonly SchemaStep[] = [version1];
