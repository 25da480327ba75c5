// Versions of the PostgreSQL visibility schema, in the same database as the data. Times in microseconds since the epoch. Text sorts
// by bytes, like everywhere else. Custom and predefined attributes have a column each, with a partial index.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import type { SchemaStep } from '../../persistence/index.ts';
import { ATTRIBUTE_FIELDS } from '../search-attributes/definitions.ts';
import { INDEX_ORDER } from '../sql/predicate-sql.ts';

/** Its name among the schemas of the database. */
export const VISIBILITY_SCHEMA_NAME = 'visibility';
export const EXECUTIONS = 'visibility_executions';

export function columnType(type: IndexedValueType): string {
  switch (type) {
    case IndexedValueType.BOOL:
      return 'smallint';
    case IndexedValueType.INT:
    case IndexedValueType.DATETIME:
      return 'bigint';
    case IndexedValueType.DOUBLE:
      return 'double precision';
    case IndexedValueType.KEYWORD_LIST:
      return 'jsonb';
    default:
      return 'text COLLATE "C"';
  }
}

const attributeColumns = [...ATTRIBUTE_FIELDS].map(([field, type]) => `"${field}" ${columnType(type)}`).join(', ');

/** Words of texts are searched, not looked up: an index on the column would not help. */
const attributeIndexes = [...ATTRIBUTE_FIELDS]
  .filter(([, type]) => type !== IndexedValueType.TEXT)
  .map(([field, type]) => {
    const name = `"visibility_by_${field}"`;
    const present = `WHERE "${field}" IS NOT NULL`;
    return type === IndexedValueType.KEYWORD_LIST
      ? `CREATE INDEX ${name} ON ${EXECUTIONS} USING gin ("${field}") ${present}`
      : `CREATE INDEX ${name} ON ${EXECUTIONS} (namespace_id, "${field}", ${INDEX_ORDER}) ${present}`;
  });

const version1: SchemaStep = {
  version: 1,
  minCompatibleVersion: 1,
  summary: 'executions and their search attributes',
  statements: [
    `CREATE TABLE ${EXECUTIONS} (
      namespace_id text COLLATE "C" NOT NULL,
      run_id text COLLATE "C" NOT NULL,
      version bigint NOT NULL,
      workflow_id text COLLATE "C" NOT NULL,
      workflow_type text COLLATE "C" NOT NULL,
      start_time bigint NOT NULL,
      execution_time bigint NOT NULL,
      close_time bigint,
      status integer NOT NULL,
      history_length bigint,
      history_size_bytes bigint,
      execution_duration bigint,
      state_transition_count bigint,
      task_queue text COLLATE "C" NOT NULL,
      parent_workflow_id text COLLATE "C",
      parent_run_id text COLLATE "C",
      root_workflow_id text COLLATE "C" NOT NULL,
      root_run_id text COLLATE "C" NOT NULL,
      memo bytea,
      search_attributes bytea,
      ${attributeColumns},
      PRIMARY KEY (namespace_id, run_id)
    )`,
    `CREATE INDEX visibility_by_close_time ON ${EXECUTIONS} (namespace_id, ${INDEX_ORDER})`,
    `CREATE INDEX visibility_by_workflow_id ON ${EXECUTIONS} (namespace_id, workflow_id, ${INDEX_ORDER})`,
    `CREATE INDEX visibility_by_workflow_type ON ${EXECUTIONS} (namespace_id, workflow_type, ${INDEX_ORDER})`,
    `CREATE INDEX visibility_by_status ON ${EXECUTIONS} (namespace_id, status, ${INDEX_ORDER})`,
    `CREATE INDEX visibility_by_parent_workflow_id ON ${EXECUTIONS} (namespace_id, parent_workflow_id, ${INDEX_ORDER})
      WHERE parent_workflow_id IS NOT NULL`,
    ...attributeIndexes,
  ],
};

export const postgresVisibilitySchema: readonly SchemaStep[] = [version1];
