// Reads the right side of a condition for its column: times, durations and status names become numbers, everything else what the
// literal says. Temporal 1.31 common/persistence/visibility/store/sql/query_converter_legacy.go (parseSQLVal).

import { IndexedValueType, WorkflowExecutionStatus, WorkflowExecutionStatusNames } from '#proto/temporal/api/enums/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import { formatExpression } from '../grammar/format.ts';
import { type Expression, goTypeName, type Literal } from '../grammar/syntax.ts';
import { parseRfc3339 } from '../rfc3339.ts';
import { SCHEDULE_ID, SCHEDULE_WORKFLOW_ID_PREFIX } from '../search-attributes/definitions.ts';
import { parseDurationNanos } from './duration.ts';
import { FilterError, invalidExpression, notSupported } from './filter-error.ts';
import type { FilterColumn, FilterValue } from './predicate.ts';

const NANOS_PER_MICRO = 1000;

/** One value. Throws FilterError for anything that is none. */
export function resolveValue(expression: Expression, column: FilterColumn): FilterValue {
  switch (expression.kind) {
    case 'SQLVal': {
      const value = literalForColumn(literalValue(expression), column);
      return column.alias === SCHEDULE_ID && column.field === 'WorkflowId'
        ? SCHEDULE_WORKFLOW_ID_PREFIX + value
        : value;
    }
    case 'BoolVal':
      return expression.value ? 1 : 0;
    case 'GroupConcatExpr':
      throw notSupported("'group_concat'");
    case 'FuncExpr':
      throw notSupported('nested func');
    case 'ColName':
      throw notSupported(
        `column name on the right side of comparison expression (did you forget to quote '${formatExpression(expression)}'?)`,
      );
    default:
      throw invalidExpression(`unexpected value type ${goTypeName(expression)}`);
  }
}

/** The values of an IN. */
export function resolveValues(expression: Expression, column: FilterColumn): readonly FilterValue[] {
  if (expression.kind !== 'ValTuple') throw invalidExpression(`unexpected value type ${goTypeName(expression)}`);
  return expression.elements.map((element) => {
    if (element.kind === 'ValTuple') throw invalidExpression(`unexpected value type ${goTypeName(element)}`);
    return resolveValue(element, column);
  });
}

function literalValue(literal: Literal): FilterValue {
  if (literal.type === 'string') return literal.text;
  const value = Number(literal.text);
  if (literal.type !== 'integer' && literal.type !== 'float') {
    throw invalidArgument(`invalid expression: unable to parse ${literal.text}`);
  }
  return literal.type === 'integer' && !Number.isSafeInteger(value) ? BigInt(literal.text) : value;
}

function literalForColumn(value: FilterValue, column: FilterColumn): FilterValue {
  if (column.type === IndexedValueType.DATETIME) return datetimeMicros(value, column);
  if (column.field === 'ExecutionStatus') return statusNumber(value, column);
  if (column.field === 'ExecutionDuration') return durationMicros(value, column);
  return value;
}

/** RFC 3339 text, or nanoseconds since the epoch. */
function datetimeMicros(value: FilterValue, column: FilterColumn): number {
  if (typeof value === 'string') {
    const time = parseRfc3339(value);
    if (time === undefined) throw invalidExpression(`unable to parse datetime '${value}'`);
    return time.micros;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw invalidExpression(`unexpected value type float64 for search attribute ${column.alias}`);
  }
  return Math.floor(Number(value) / NANOS_PER_MICRO);
}

/** A name in either of Temporal's spellings, or its number. */
function statusNumber(value: FilterValue, column: FilterColumn): FilterValue {
  if (typeof value === 'string') {
    const status = workflowStatusFromString(value);
    if (status === undefined) throw invalidExpression(`invalid ExecutionStatus value '${value}'`);
    return status;
  }
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw invalidExpression(`unexpected value type float64 for search attribute ${column.alias}`);
  }
  return value;
}

function workflowStatusFromString(text: string): WorkflowExecutionStatus | undefined {
  for (const [status, name] of WorkflowExecutionStatusNames) if (name === text) return status;
  const prefix = 'WORKFLOW_EXECUTION_STATUS_';
  return text.startsWith(prefix)
    ? WorkflowExecutionStatus[text.slice(prefix.length) as keyof typeof WorkflowExecutionStatus]
    : undefined;
}

/** Nanoseconds, or the text of a duration. */
function durationMicros(value: FilterValue, column: FilterColumn): number {
  if (typeof value !== 'string') return Number(value) / NANOS_PER_MICRO;
  try {
    return parseDurationNanos(value) / NANOS_PER_MICRO;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FilterError(`invalid value for search attribute ${column.alias}: ${value} (${reason})`, { cause: error });
  }
}
