// The columns that every row has beside its namespace, in one order for reading and writing, and the values of attribute columns.
// Shared by the SQL backends.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { textTokens } from '../filter/text-tokens.ts';
import type { Rfc3339Time } from '../rfc3339.ts';
import type { SearchAttributeValue } from '../search-attributes/value.ts';
import type { VisibilityRow } from '../visibility-row.ts';

export const ROW_COLUMNS = [
  'run_id',
  'version',
  'workflow_id',
  'workflow_type',
  'start_time',
  'execution_time',
  'close_time',
  'status',
  'history_length',
  'history_size_bytes',
  'execution_duration',
  'state_transition_count',
  'task_queue',
  'parent_workflow_id',
  'parent_run_id',
  'root_workflow_id',
  'root_run_id',
  'memo',
  'search_attributes',
] as const;

export type RowColumn = (typeof ROW_COLUMNS)[number];
export type StoredRow = Readonly<Record<RowColumn, unknown>>;

/** In the order of ROW_COLUMNS. */
export function rowValues(row: VisibilityRow): (string | number | Uint8Array | null)[] {
  return [
    row.runId,
    row.version,
    row.workflowId,
    row.workflowType,
    row.startMicros,
    row.executionMicros,
    row.closeMicros,
    row.status,
    row.historyLength,
    row.historySizeBytes,
    row.executionDurationMicros,
    row.stateTransitionCount,
    row.taskQueue,
    row.parentWorkflowId,
    row.parentRunId,
    row.rootWorkflowId,
    row.rootRunId,
    row.memo,
    row.searchAttributes,
  ];
}

export function rowFromColumns(namespaceId: string, stored: StoredRow): VisibilityRow {
  const optional = (value: unknown): number | null => (value === null ? null : Number(value));
  return {
    namespaceId,
    runId: stored.run_id as string,
    version: Number(stored.version),
    workflowId: stored.workflow_id as string,
    workflowType: stored.workflow_type as string,
    startMicros: Number(stored.start_time),
    executionMicros: Number(stored.execution_time),
    closeMicros: optional(stored.close_time),
    status: Number(stored.status),
    historyLength: optional(stored.history_length),
    historySizeBytes: optional(stored.history_size_bytes),
    executionDurationMicros: optional(stored.execution_duration),
    stateTransitionCount: optional(stored.state_transition_count),
    taskQueue: stored.task_queue as string,
    parentWorkflowId: stored.parent_workflow_id as string | null,
    parentRunId: stored.parent_run_id as string | null,
    rootWorkflowId: stored.root_workflow_id as string,
    rootRunId: stored.root_run_id as string,
    memo: stored.memo as Uint8Array | null,
    searchAttributes: stored.search_attributes as Uint8Array | null,
  };
}

/** What an attribute's column holds to be searched by. Lists become JSON, texts their words. */
export function searchValue(
  value: SearchAttributeValue | undefined,
  type: IndexedValueType,
): string | number | bigint | null {
  if (value === undefined) return null;
  if (Array.isArray(value)) return JSON.stringify(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'object') return (value as Rfc3339Time).micros;
  return typeof value === 'string' && type === IndexedValueType.TEXT ? textTokens(value) : value;
}
