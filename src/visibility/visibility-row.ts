// One execution as visibility stores it, and its two borders: the record that history sends, and the public description that
// lists answer. Worker thread.

import type { NamespaceRecord, VisibilityRecord } from '#proto/ostinato/worker/v1';
import type { ActivityExecutionListInfoInit } from '#proto/temporal/api/activity/v1';
import { type Memo, Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import { IndexedValueType, WorkflowExecutionStatus } from '#proto/temporal/api/enums/v1';
import type { WorkflowExecutionInfoInit } from '#proto/temporal/api/workflow/v1';
import type { Encoded } from '../proto/wire.ts';
import { activityStatusOf } from './activity-status.ts';
import { aliasSearchAttributes, fieldOfAlias, type NamespaceAliases } from './search-attributes/alias.ts';
import {
  ACTIVITY_DIVISION,
  ATTRIBUTE_FIELDS,
  isMappable,
  NAMESPACE_DIVISION,
  SYSTEM_ATTRIBUTES,
} from './search-attributes/definitions.ts';
import { decodeValue, encodeValue, InvalidValueError, type SearchAttributeValue } from './search-attributes/value.ts';

const MICROS_PER_MS = 1000;
/** Temporal answers both messages even when they are empty. */
const EMPTY_MEMO: Encoded<Memo> = new Uint8Array(0);
const EMPTY_ATTRIBUTES: Encoded<SearchAttributes> = new Uint8Array(0);

export interface VisibilityRow {
  readonly namespaceId: string;
  readonly runId: string;
  readonly workflowId: string;
  /** Orders writes to one row. */
  readonly version: number;
  readonly workflowType: string;
  readonly startMicros: number;
  readonly executionMicros: number;
  /** Null while the execution is open, and with it the five that follow. */
  readonly closeMicros: number | null;
  readonly historyLength: number | null;
  readonly historySizeBytes: number | null;
  readonly executionDurationMicros: number | null;
  readonly stateTransitionCount: number | null;
  readonly status: WorkflowExecutionStatus;
  readonly taskQueue: string;
  readonly parentWorkflowId: string | null;
  readonly parentRunId: string | null;
  readonly rootWorkflowId: string;
  readonly rootRunId: string;
  readonly memo: Uint8Array | null;
  /** Encoded SearchAttributes as they are answered, but under field names. */
  readonly searchAttributes: Uint8Array | null;
}

/** A row with the values to search by. */
export interface SearchableRow extends VisibilityRow {
  /** By field. */
  readonly attributes: ReadonlyMap<string, SearchAttributeValue>;
}

/** Turns aliases into fields and values into their canonical form; `skipped` hears of attributes that have no place. */
export function rowFromRecord(
  record: VisibilityRecord,
  namespace: NamespaceAliases,
  skipped: (attribute: string) => void,
): SearchableRow {
  const attributes = fieldValues(record.searchAttributes, namespace, skipped);
  const startMs = record.startTime ?? 0;
  const closed = record.closeTime !== undefined;
  return {
    namespaceId: record.namespaceId,
    runId: record.runId,
    workflowId: record.workflowId,
    version: record.version,
    workflowType: record.workflowType,
    startMicros: toMicros(startMs),
    executionMicros: toMicros(
      record.executionTime === undefined || record.executionTime <= 0 ? startMs : record.executionTime,
    ),
    closeMicros: closed ? toMicros(record.closeTime!) : null,
    historyLength: closed ? record.historyLength : null,
    historySizeBytes: closed ? record.historySizeBytes : null,
    executionDurationMicros: closed ? toMicros(record.executionDuration ?? 0) : null,
    stateTransitionCount: closed ? record.stateTransitionCount : null,
    status: record.status,
    taskQueue: record.taskQueue,
    parentWorkflowId: record.parentWorkflowId === '' ? null : record.parentWorkflowId,
    parentRunId: record.parentWorkflowId === '' ? null : record.parentRunId,
    rootWorkflowId: record.rootWorkflowId,
    rootRunId: record.rootRunId,
    memo: record.memo === undefined || record.memo.length === 0 ? null : record.memo,
    searchAttributes: attributes.size === 0 ? null : encodeFields(attributes),
    attributes,
  };
}

/** A double of milliseconds may lie a fraction of a microsecond beside the one it stands for. */
const toMicros = (ms: number): number => Math.round(ms * MICROS_PER_MS);

function fieldValues(
  encoded: Encoded<SearchAttributes> | undefined,
  namespace: NamespaceAliases,
  skipped: (attribute: string) => void,
): ReadonlyMap<string, SearchAttributeValue> {
  const values = new Map<string, SearchAttributeValue>();
  if (encoded === undefined || encoded.length === 0) return values;
  for (const [name, payload] of SearchAttributes.decode(encoded).indexedFields) {
    if (SYSTEM_ATTRIBUTES.has(name)) continue; // kept in columns of their own
    const field = isMappable(name) ? fieldOfAlias(namespace, name) : name;
    const value = field === undefined ? undefined : readValue(field, payload, () => skipped(name));
    if (field === undefined) skipped(name);
    if (field !== undefined && value !== undefined) values.set(field, value);
  }
  return values;
}

function readValue(field: string, payload: Uint8Array, skipped: () => void): SearchAttributeValue | undefined {
  try {
    return decodeValue(Payload.decode(payload), ATTRIBUTE_FIELDS.get(field) ?? IndexedValueType.UNSPECIFIED, false);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    skipped(); // validated when it was set: only a type changed since makes it unreadable
    return undefined;
  }
}

function encodeFields(values: ReadonlyMap<string, SearchAttributeValue>): Uint8Array {
  const indexedFields = new Map<string, Encoded<Payload>>();
  for (const [field, value] of values) indexedFields.set(field, encodeValue(value, ATTRIBUTE_FIELDS.get(field)!));
  return SearchAttributes.encode({ indexedFields });
}

/** 1 January of the year 1: how Temporal shows that a run which is neither running nor closed, but paused, has no close time. */
const GO_ZERO_TIME_MS = -62_135_596_800_000;

/** Whether the row is of an activity without a workflow. */
export function isActivityRow({ searchAttributes }: VisibilityRow): boolean {
  if (searchAttributes === null) return false;
  const division = SearchAttributes.decode(searchAttributes).indexedFields.get(NAMESPACE_DIVISION);
  return division !== undefined && Buffer.from(Payload.decode(division).data).toString() === `"${ACTIVITY_DIVISION}"`;
}

/** What ListActivityExecutions answers for the row. */
export function activityListInfo(row: VisibilityRow, namespace: NamespaceRecord): ActivityExecutionListInfoInit {
  return {
    activityId: row.workflowId,
    runId: row.runId,
    activityType: { name: row.workflowType },
    scheduleTime: row.startMicros / MICROS_PER_MS,
    executionTime: row.executionMicros / MICROS_PER_MS,
    status: activityStatusOf(row.status),
    taskQueue: row.taskQueue,
    searchAttributes:
      row.searchAttributes === null ? EMPTY_ATTRIBUTES : aliasSearchAttributes(namespace, row.searchAttributes),
    ...(row.closeMicros !== null && {
      closeTime: row.closeMicros / MICROS_PER_MS,
      executionDuration: (row.closeMicros - row.startMicros) / MICROS_PER_MS,
      stateTransitionCount: row.stateTransitionCount ?? 0,
    }),
  };
}

/** What ListWorkflowExecutions answers for the row. */
export function executionInfo(row: VisibilityRow, namespace: NamespaceRecord): WorkflowExecutionInfoInit {
  const closed = row.status !== WorkflowExecutionStatus.RUNNING;
  return {
    execution: { workflowId: row.workflowId, runId: row.runId },
    type: { name: row.workflowType },
    startTime: row.startMicros / MICROS_PER_MS,
    executionTime: row.executionMicros / MICROS_PER_MS,
    status: row.status,
    taskQueue: row.taskQueue,
    memo: row.memo ?? EMPTY_MEMO,
    searchAttributes:
      row.searchAttributes === null ? EMPTY_ATTRIBUTES : aliasSearchAttributes(namespace, row.searchAttributes),
    rootExecution: { workflowId: row.rootWorkflowId, runId: row.rootRunId },
    parentExecution:
      row.parentWorkflowId === null ? undefined : { workflowId: row.parentWorkflowId, runId: row.parentRunId ?? '' },
    ...(closed && {
      closeTime: row.closeMicros === null ? GO_ZERO_TIME_MS : row.closeMicros / MICROS_PER_MS,
      executionDuration: (row.executionDurationMicros ?? 0) / MICROS_PER_MS,
      historyLength: row.historyLength ?? 0,
      historySizeBytes: row.historySizeBytes ?? 0,
      stateTransitionCount: row.stateTransitionCount ?? 0,
    }),
  };
}
