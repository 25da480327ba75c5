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

/** A value, or the values of a tuple. */
export type Operand = FilterValue | readonly FilterValue[];

/** The right side of a comparison. Throws FilterError for anything that is none. */
export function resolveOperand(expression: Expression, column: FilterColumn): Operand {
  if (expression.kind !== 'ValTuple') return resolveValue(expression, column);
  return expression.elements.flatMap((element) => resolveOperand(element, column) as FilterValue[]);
}

function resolveValue(expression: Expression, column: FilterColumn): FilterValue {
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

/** Where one value is needed. */
export function singleValue(operand: Operand): FilterValue {
  if (Array.isArray(operand)) throw invalidExpression('unexpected value type sqlparser.ValTuple');
  return operand as FilterValue;
}

/** A literal as errors print it once it is read: numbers without exponent, strings with SQL's quotes. */
export function formatOperand(operand: Operand, source: Expression): string {
  if (Array.isArray(operand)) {
    const elements = source.kind === 'ValTuple' ? source.elements : [];
    return `(${operand.map((value, index) => formatOperand(value, elements[index] ?? source)).join(', ')})`;
  }
  if (source.kind === 'BoolVal') return String(source.value);
  if (typeof operand === 'string') return `'${operand.replace(/['"\b\n\r\t\\]/g, escapeForError)}'`;
  return typeof operand === 'number' && /e/.test(String(operand)) ? withoutExponent(operand) : String(operand);
}

const ERROR_ESCAPES: Readonly<Record<string, string>> = {
  "'": "''",
  '"': '\\"',
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\\': '\\\\',
};
const escapeForError = (character: string): string => ERROR_ESCAPES[character] ?? character;
const withoutExponent = (value: number): string =>
  Number.isInteger(value)
    ? BigInt(value).toString()
    : value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 100 });

/** A string, an int64, or a double for what does not fit one. */
function literalValue(literal: Literal): FilterValue {
  if (literal.type === 'string') return literal.text;
  if (/^-?\d+$/.test(literal.text)) {
    const value = Number(literal.text);
    if (Number.isSafeInteger(value)) return value;
    const exact = BigInt(literal.text);
    return BigInt.asIntN(64, exact) === exact ? exact : value;
  }
  const value = literal.type === 'float' ? Number(literal.text) : Number.NaN;
  if (Number.isNaN(value)) throw invalidArgument(`invalid expression: unable to parse ${literal.text}`);
  return value;
}

/** What Go calls the type of a value that is no string and no int64. */
const isFloat = (value: FilterValue): boolean =>
  typeof value === 'number' && (!Number.isInteger(value) || !Number.isSafeInteger(value));

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
  if (isFloat(value)) {
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
  if (isFloat(value)) {
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
