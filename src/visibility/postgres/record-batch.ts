// Writes a batch in one statement, and so in one round trip and one transaction: columns travel as arrays, search attributes as one
// JSON object per row. Worker thread.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { ArrayLiteral, toStoredText } from '../../persistence/postgres/array-literal.ts';
import { ATTRIBUTE_FIELDS } from '../search-attributes/definitions.ts';
import type { SearchAttributeValue } from '../search-attributes/value.ts';
import { ROW_COLUMNS, type RowColumn, rowValues, searchValue } from '../sql/row-columns.ts';
import type { SearchableRow } from '../visibility-row.ts';
import type { RowWrite } from '../visibility-store.ts';
import { columnType, EXECUTIONS } from './schema.ts';

/** SQL types of ROW_COLUMNS; the namespace id, a text, stands before them. */
const ROW_TYPES: Readonly<Record<RowColumn, 'text' | 'bigint' | 'integer' | 'bytea'>> = {
  run_id: 'text',
  version: 'bigint',
  workflow_id: 'text',
  workflow_type: 'text',
  start_time: 'bigint',
  execution_time: 'bigint',
  close_time: 'bigint',
  status: 'integer',
  history_length: 'bigint',
  history_size_bytes: 'bigint',
  execution_duration: 'bigint',
  state_transition_count: 'bigint',
  task_queue: 'text',
  parent_workflow_id: 'text',
  parent_run_id: 'text',
  root_workflow_id: 'text',
  root_run_id: 'text',
  memo: 'bytea',
  search_attributes: 'bytea',
};

/** Arrays of what is deleted stand before those of what is written. */
const DELETE_ARRAYS = 3;
const ATTRIBUTES = [...ATTRIBUTE_FIELDS];
const attributeColumns = ATTRIBUTES.map(([field]) => `"${field}"`);
const attributeValues = ATTRIBUTES.map(([field, type]) =>
  type === IndexedValueType.KEYWORD_LIST
    ? `attributes -> '${field}'`
    : `(attributes ->> '${field}')::${columnType(type).replace(' COLLATE "C"', '')}`,
);
const rowColumns = ['namespace_id', ...ROW_COLUMNS];
const columns = [...rowColumns, ...attributeColumns];
const replaced = columns.map((column) => `${column} = excluded.${column}`).join(', ');
const rowTypes = ['text', ...ROW_COLUMNS.map((column) => ROW_TYPES[column])];
const rowArrays = rowTypes.map((type, index) => `$${index + DELETE_ARRAYS + 1}::${type}[]`).join(', ');
const attributesParameter = `$${DELETE_ARRAYS + rowColumns.length + 1}::jsonb[]`;

/** Parameters: namespace ids, run ids and versions of deletions, then the columns of upserts, then their attributes. */
export const RECORD_STATEMENT = `
  WITH removed AS (
    DELETE FROM ${EXECUTIONS} AS stored
    USING unnest($1::text[], $2::text[], $3::bigint[]) AS gone (namespace_id, run_id, version)
    WHERE stored.namespace_id = gone.namespace_id AND stored.run_id = gone.run_id AND stored.version <= gone.version
  )
  INSERT INTO ${EXECUTIONS} AS stored (${columns.join(', ')})
  SELECT ${[...rowColumns, ...attributeValues].join(', ')}
  FROM unnest(${rowArrays}, ${attributesParameter}) AS given (${rowColumns.join(', ')}, attributes)
  ORDER BY namespace_id, run_id
  ON CONFLICT (namespace_id, run_id) DO UPDATE SET ${replaced} WHERE stored.version < excluded.version`;

/** Each row at most once: lastWrites sees to it. */
export function recordParameters(writes: readonly RowWrite[]): string[] {
  const arrays = Array.from({ length: DELETE_ARRAYS + rowColumns.length + 1 }, () => new ArrayLiteral());
  for (const write of writes) {
    if (write.kind === 'upsert') {
      const values = [write.row.namespaceId, ...rowValues(write.row)];
      for (const [index, value] of values.entries()) append(arrays[index + DELETE_ARRAYS]!, value);
      append(arrays.at(-1)!, attributesJson(write.row));
    } else {
      const values = [write.namespaceId, write.runId, write.version];
      for (const [index, value] of values.entries()) append(arrays[index]!, value);
    }
  }
  return arrays.map(String);
}

function append(array: ArrayLiteral, value: string | number | Uint8Array | null): void {
  if (value === null) array.null();
  else if (typeof value === 'number') array.number(value);
  else if (typeof value === 'string') array.string(value);
  else array.bytes(value);
}

function attributesJson(row: SearchableRow): string | null {
  if (row.attributes.size === 0) return null;
  const members: string[] = [];
  for (const [field, value] of row.attributes) {
    members.push(`${JSON.stringify(field)}:${attributeJson(value, ATTRIBUTE_FIELDS.get(field)!)}`);
  }
  return `{${members.join(',')}}`;
}

/** Digits of a bigint go as they are: jsonb keeps numbers exactly. */
function attributeJson(value: SearchAttributeValue, type: IndexedValueType): string {
  if (Array.isArray(value)) return JSON.stringify(value.map((element) => toStoredText(String(element))));
  const search = searchValue(value, type);
  return typeof search === 'string' ? JSON.stringify(toStoredText(search)) : String(search);
}
