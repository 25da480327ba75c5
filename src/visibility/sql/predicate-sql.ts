// Turns a filter into a WHERE condition with bound parameters. What differs between databases comes as a SqlDialect. Worker thread.

import { assertNever } from '../../base/invariant.ts';
import type { CompareOperator, FilterColumn, FilterValue, Predicate } from '../filter/predicate.ts';
import { OPEN_CLOSE_MICROS } from '../visibility-store.ts';

/** How one database writes what SQL leaves open. Conditions may use a parameter only once: each `parameter` call adds one. */
export interface SqlDialect<Parameter> {
  /** Adds a parameter that compares with the column. */
  parameter(parameters: Parameter[], column: FilterColumn, value: FilterValue): string;
  /** Adds a text parameter. */
  textParameter(parameters: Parameter[], value: string): string;
  /** Whether the text column begins with the text parameter. */
  startsWith(column: string, parameter: string): string;
  /** Whether the KeywordList column holds one of the values; never null. */
  listHolds(parameters: Parameter[], column: string, values: readonly string[]): string;
  /** Whether the Text column's words contain the text parameter; null columns may give null. */
  contains(column: string, parameter: string): string;
}

/** Column names of system attributes; others are named after their field. */
export const SYSTEM_COLUMNS: Readonly<Record<string, string>> = {
  WorkflowId: 'workflow_id',
  RunId: 'run_id',
  WorkflowType: 'workflow_type',
  StartTime: 'start_time',
  ExecutionTime: 'execution_time',
  CloseTime: 'close_time',
  ExecutionStatus: 'status',
  TaskQueue: 'task_queue',
  HistoryLength: 'history_length',
  HistorySizeBytes: 'history_size_bytes',
  ExecutionDuration: 'execution_duration',
  StateTransitionCount: 'state_transition_count',
  ParentWorkflowId: 'parent_workflow_id',
  ParentRunId: 'parent_run_id',
  RootWorkflowId: 'root_workflow_id',
  RootRunId: 'root_run_id',
};

/** The time that lists sort by: also the expression of the tables' indexes, so its text must not vary. */
export const CLOSE_ORDER = `COALESCE(close_time, ${OPEN_CLOSE_MICROS})`;

/** How lists are ordered. */
export const LIST_ORDER = `${CLOSE_ORDER} DESC, start_time DESC, run_id`;

/** How indexes are ordered: rows that start and close in one microsecond are few, and sorted when they are read. */
export const INDEX_ORDER = `${CLOSE_ORDER} DESC, start_time DESC`;

/** Rows behind a page; its five parameters: close, close, start, start, run id. */
export function afterPosition(parameters: readonly [string, string, string, string, string]): string {
  const [close, closeAgain, start, startAgain, runId] = parameters;
  return (
    `(${CLOSE_ORDER} <= ${close} AND (${CLOSE_ORDER} < ${closeAgain} OR start_time < ${start} OR ` +
    `(start_time = ${startAgain} AND run_id > ${runId})))`
  );
}

const SQL_OPERATORS: Readonly<Record<CompareOperator, string>> = {
  '=': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

const storedColumn = (column: FilterColumn): string => SYSTEM_COLUMNS[column.field] ?? `"${column.field}"`;

/** An open execution compares as closing at the end of time; only IS NULL sees that it has no close time. */
const comparedColumn = (column: FilterColumn): string =>
  column.alias === 'CloseTime' ? CLOSE_ORDER : storedColumn(column);

/** The condition; adds its parameters to `parameters` in the order of their places. */
export function predicateSql<Parameter>(
  predicate: Predicate,
  parameters: Parameter[],
  dialect: SqlDialect<Parameter>,
): string {
  const value = (column: FilterColumn, wanted: FilterValue): string => dialect.parameter(parameters, column, wanted);
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const operands = predicate.operands.map((operand) => predicateSql(operand, parameters, dialect));
      return joinBalanced(operands, predicate.kind === 'and' ? ' AND ' : ' OR ');
    }
    case 'not':
      return `(NOT ${predicateSql(predicate.operand, parameters, dialect)})`;
    case 'compare': {
      const { column, operator } = predicate;
      return `(${comparedColumn(column)} ${SQL_OPERATORS[operator]} ${value(column, predicate.value)})`;
    }
    case 'in': {
      const list = predicate.values.map((wanted) => value(predicate.column, wanted)).join(', ');
      return `(${comparedColumn(predicate.column)}${not(predicate.negated)} IN (${list}))`;
    }
    case 'between': {
      const { column, from, to } = predicate;
      const range = `${value(column, from)} AND ${value(column, to)}`;
      return `(${comparedColumn(column)}${not(predicate.negated)} BETWEEN ${range})`;
    }
    case 'startsWith': {
      const prefix = dialect.textParameter(parameters, predicate.prefix);
      const condition = dialect.startsWith(storedColumn(predicate.column), prefix);
      return predicate.negated ? `(NOT ${condition})` : condition;
    }
    case 'isNull':
      return `(${storedColumn(predicate.column)} IS${not(predicate.negated)} NULL)`;
    case 'listHolds': {
      const condition = dialect.listHolds(parameters, storedColumn(predicate.column), predicate.values);
      return predicate.negated ? `(NOT ${condition})` : condition;
    }
    case 'textHolds':
      return textHolds(predicate, parameters, dialect);
    case 'constant': {
      const column = comparedColumn(predicate.column);
      return predicate.value ? `(${column} IS NOT NULL OR NULL)` : `(${column} IS NULL AND NULL)`;
    }
    default:
      return assertNever(predicate, 'predicate');
  }
}

const not = (negated: boolean): string => (negated ? ' NOT' : '');

function textHolds<Parameter>(
  predicate: Extract<Predicate, { kind: 'textHolds' }>,
  parameters: Parameter[],
  dialect: SqlDialect<Parameter>,
): string {
  const column = storedColumn(predicate.column);
  const conditions = predicate.phrases.map((phrase) =>
    dialect.contains(column, dialect.textParameter(parameters, phrase)),
  );
  const any = conditions.length === 0 ? '(1 = 0)' : `COALESCE(${joinBalanced(conditions, ' OR ')}, (1 = 0))`;
  return predicate.negated ? `(NOT ${any})` : any;
}

/** As a balanced tree: SQLite refuses expressions deeper than 1,000, and a chain is as deep as it is long. */
function joinBalanced(conditions: readonly string[], operator: string): string {
  if (conditions.length === 0) return '(1 = 1)';
  if (conditions.length === 1) return conditions[0]!;
  const middle = conditions.length >> 1;
  return `(${joinBalanced(conditions.slice(0, middle), operator)}${operator}${joinBalanced(conditions.slice(middle), operator)})`;
}
