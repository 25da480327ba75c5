// Evaluates a filter over one row with SQL's three truth values: undefined is unknown. Used by the memory store.

import { assertNever } from '../../base/invariant.ts';
import type { CompareOperator, FilterColumn, FilterValue, Predicate } from '../filter/predicate.ts';
import { textTokens } from '../filter/text-tokens.ts';
import type { Rfc3339Time } from '../rfc3339.ts';
import type { SearchAttributeValue } from '../search-attributes/value.ts';
import type { SearchableRow } from '../visibility-row.ts';
import { OPEN_CLOSE_MICROS } from '../visibility-store.ts';
import { compareText } from './compare-text.ts';

type Truth = boolean | undefined;

export function evaluate(predicate: Predicate, row: SearchableRow): Truth {
  switch (predicate.kind) {
    case 'and':
      return all(predicate.operands, row);
    case 'or':
      return not(all(predicate.operands, row, true));
    case 'not':
      return not(evaluate(predicate.operand, row));
    case 'compare':
      return compare(predicate.operator, comparedValue(predicate.column, row), predicate.value);
    case 'in':
      return negate(predicate.negated, isIn(comparedValue(predicate.column, row), predicate.values));
    case 'between':
      return negate(predicate.negated, isBetween(comparedValue(predicate.column, row), predicate.from, predicate.to));
    case 'startsWith':
      return negate(predicate.negated, startsWith(comparedValue(predicate.column, row), predicate.prefix));
    case 'isNull':
      return (stored(predicate.column, row) === undefined) !== predicate.negated;
    case 'listHolds':
      return negate(predicate.negated, listHolds(stored(predicate.column, row), predicate.values));
    case 'textHolds':
      return negate(predicate.negated, textHolds(stored(predicate.column, row), predicate.phrases));
    case 'constant':
      return comparedValue(predicate.column, row) === undefined ? undefined : predicate.value;
    default:
      return assertNever(predicate, 'predicate');
  }
}

/** All true; with `inverted`, all false. One that is not decides, even beside unknown ones. */
function all(operands: readonly Predicate[], row: SearchableRow, inverted = false): Truth {
  let truth: Truth = true;
  for (const operand of operands) {
    const value = inverted ? not(evaluate(operand, row)) : evaluate(operand, row);
    if (value === false) return false;
    if (value === undefined) truth = undefined;
  }
  return truth;
}

const not = (truth: Truth): Truth => (truth === undefined ? undefined : !truth);
const negate = (negated: boolean, truth: Truth): Truth => (negated ? not(truth) : truth);

/** An open execution compares as closing at the end of time, but is null to IS NULL. */
function comparedValue(column: FilterColumn, row: SearchableRow): FilterValue | undefined {
  const value = stored(column, row);
  if (column.alias === 'CloseTime') return (value as number | undefined) ?? OPEN_CLOSE_MICROS;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'object') return (value as Rfc3339Time).micros;
  return value;
}

function stored(column: FilterColumn, row: SearchableRow): SearchAttributeValue | undefined {
  const read = SYSTEM_VALUES[column.field];
  return read === undefined ? row.attributes.get(column.field) : (read(row) ?? undefined);
}

const SYSTEM_VALUES: Readonly<Record<string, (row: SearchableRow) => string | number | null>> = {
  WorkflowId: (row) => row.workflowId,
  RunId: (row) => row.runId,
  WorkflowType: (row) => row.workflowType,
  StartTime: (row) => row.startMicros,
  ExecutionTime: (row) => row.executionMicros,
  CloseTime: (row) => row.closeMicros,
  ExecutionStatus: (row) => row.status,
  TaskQueue: (row) => row.taskQueue,
  HistoryLength: (row) => row.historyLength,
  HistorySizeBytes: (row) => row.historySizeBytes,
  ExecutionDuration: (row) => row.executionDurationMicros,
  StateTransitionCount: (row) => row.stateTransitionCount,
  ParentWorkflowId: (row) => row.parentWorkflowId,
  ParentRunId: (row) => row.parentRunId,
  RootWorkflowId: (row) => row.rootWorkflowId,
  RootRunId: (row) => row.rootRunId,
};

function order(a: FilterValue, b: FilterValue): number {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(operator: CompareOperator, value: FilterValue | undefined, wanted: FilterValue): Truth {
  if (value === undefined) return undefined;
  const result = order(value, wanted);
  switch (operator) {
    case '=':
      return result === 0;
    case '!=':
      return result !== 0;
    case '<':
      return result < 0;
    case '<=':
      return result <= 0;
    case '>':
      return result > 0;
    case '>=':
      return result >= 0;
    default:
      return assertNever(operator, 'operator');
  }
}

function isIn(value: FilterValue | undefined, wanted: readonly FilterValue[]): Truth {
  return value === undefined ? undefined : wanted.some((candidate) => order(value, candidate) === 0);
}

function isBetween(value: FilterValue | undefined, from: FilterValue, to: FilterValue): Truth {
  return value === undefined ? undefined : order(value, from) >= 0 && order(value, to) <= 0;
}

function startsWith(value: FilterValue | undefined, prefix: string): Truth {
  return value === undefined ? undefined : String(value).startsWith(prefix);
}

function listHolds(value: SearchAttributeValue | undefined, wanted: readonly string[]): boolean {
  return Array.isArray(value) && wanted.some((candidate) => value.includes(candidate));
}

function textHolds(value: SearchAttributeValue | undefined, phrases: readonly string[]): boolean {
  return typeof value === 'string' && phrases.some((phrase) => textTokens(value).includes(phrase));
}
