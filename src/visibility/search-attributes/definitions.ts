// Which search attributes exist: system ones (columns of every row), predefined ones (set by the server and some SDKs) and the
// pre-allocated fields that custom attributes are aliases of. Facts of Temporal 1.31 common/searchattribute/sadefs. Any thread.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';

const { BOOL, DATETIME, DOUBLE, INT, KEYWORD, KEYWORD_LIST, TEXT } = IndexedValueType;

/** Names starting so belong to Temporal: nobody registers them. */
export const RESERVED_PREFIX = 'Temporal';
export const NAMESPACE_DIVISION = 'TemporalNamespaceDivision';
/** Temporal's number for activities without a workflow (v1.32 chasm: a hash of the component's name). */
export const ACTIVITY_ARCHETYPE_ID = 3_332_429_922;
/** The division that their rows are in. */
export const ACTIVITY_DIVISION = String(ACTIVITY_ARCHETYPE_ID);
/** Stands for the workflow id of a schedule when a namespace defines no attribute of this name. */
export const SCHEDULE_ID = 'ScheduleId';
/** What a schedule's workflow id begins with (Temporal 1.31 common/primitives). */
export const SCHEDULE_WORKFLOW_ID_PREFIX = 'temporal-sys-scheduler:';

/** Kept in columns of their own; never set by users. */
export const SYSTEM_ATTRIBUTES: ReadonlyMap<string, IndexedValueType> = new Map([
  ['WorkflowId', KEYWORD],
  ['RunId', KEYWORD],
  ['WorkflowType', KEYWORD],
  ['StartTime', DATETIME],
  ['ExecutionTime', DATETIME],
  ['CloseTime', DATETIME],
  ['ExecutionStatus', KEYWORD],
  ['TaskQueue', KEYWORD],
  ['HistoryLength', INT],
  ['ExecutionDuration', INT],
  ['StateTransitionCount', INT],
  ['HistorySizeBytes', INT],
  ['ParentWorkflowId', KEYWORD],
  ['ParentRunId', KEYWORD],
  ['RootWorkflowId', KEYWORD],
  ['RootRunId', KEYWORD],
]);

/** Predefined attributes that a user may set, for compatibility with clients that do. */
const SETTABLE_PREDEFINED: ReadonlyMap<string, IndexedValueType> = new Map([
  ['TemporalChangeVersion', KEYWORD_LIST],
  ['BinaryChecksums', KEYWORD_LIST],
  ['BuildIds', KEYWORD_LIST],
  ['BatcherNamespace', KEYWORD],
  ['BatcherUser', KEYWORD],
  ['TemporalScheduledStartTime', DATETIME],
  ['TemporalScheduledById', KEYWORD],
  ['TemporalSchedulePaused', BOOL],
  [NAMESPACE_DIVISION, KEYWORD],
  ['TemporalPauseInfo', KEYWORD_LIST],
  ['TemporalReportedProblems', KEYWORD_LIST],
]);

/** Travel in a workflow's SearchAttributes beside custom ones, by their own name. */
export const PREDEFINED_ATTRIBUTES: ReadonlyMap<string, IndexedValueType> = new Map([
  ...SETTABLE_PREDEFINED,
  ['TemporalWorkerDeploymentVersion', KEYWORD],
  ['TemporalWorkflowVersioningBehavior', KEYWORD],
  ['TemporalWorkerDeployment', KEYWORD],
  ['TemporalUsedWorkerDeploymentVersions', KEYWORD_LIST],
  ['TemporalExternalPayloadCount', INT],
  ['TemporalExternalPayloadSizeBytes', INT],
]);

/** How many fields of a type exist, and with them how many custom attributes a namespace can have. */
const FIELDS_PER_TYPE: readonly (readonly [name: string, type: IndexedValueType, count: number])[] = [
  ['Bool', BOOL, 3],
  ['Datetime', DATETIME, 3],
  ['Double', DOUBLE, 3],
  ['Int', INT, 3],
  ['Keyword', KEYWORD, 10],
  ['Text', TEXT, 3],
  ['KeywordList', KEYWORD_LIST, 3],
];

/** Field (`Keyword01`) to type. */
export const CUSTOM_FIELDS: ReadonlyMap<string, IndexedValueType> = new Map(
  FIELDS_PER_TYPE.flatMap(([name, type, count]) =>
    Array.from({ length: count }, (_, index) => [`${name}${String(index + 1).padStart(2, '0')}`, type] as const),
  ),
);

/** Fields that rows keep in columns named after them: predefined and custom. */
export const ATTRIBUTE_FIELDS: ReadonlyMap<string, IndexedValueType> = new Map([
  ...PREDEFINED_ATTRIBUTES,
  ...CUSTOM_FIELDS,
]);

const RESERVED_NAMES: ReadonlySet<string> = new Set(['NamespaceId', 'MemoEncoding', 'Memo', 'VisibilityTaskKey']);

/** Whether the name cannot become a custom attribute. */
export function isReserved(name: string): boolean {
  return (
    SYSTEM_ATTRIBUTES.has(name) ||
    PREDEFINED_ATTRIBUTES.has(name) ||
    RESERVED_NAMES.has(name) ||
    name.startsWith(RESERVED_PREFIX)
  );
}

/** Whether the name is a custom one, an alias of a field. */
export function isMappable(name: string): boolean {
  return !SYSTEM_ATTRIBUTES.has(name) && !PREDEFINED_ATTRIBUTES.has(name);
}

/** Whether a client may set this predefined attribute. */
export function isSettablePredefined(name: string): boolean {
  return SETTABLE_PREDEFINED.has(name);
}

/** The type of a field or of a built-in attribute. */
export function fieldType(name: string): IndexedValueType | undefined {
  return ATTRIBUTE_FIELDS.get(name) ?? SYSTEM_ATTRIBUTES.get(name);
}
