// Conditions on attributes that hold one value: =, !=, <, <=, >, >=, IN, NOT IN, BETWEEN, NOT BETWEEN. Used by resolve-filter.ts.

import { IndexedValueType, IndexedValueTypeNames } from '#proto/temporal/api/enums/v1';
import { InvariantError } from '../../base/invariant.ts';
import type { Comparison } from '../grammar/syntax.ts';
import { isNumeric } from './column.ts';
import { invalidExpression, notSupported } from './filter-error.ts';
import type { CompareOperator, FilterColumn, FilterValue, Predicate } from './predicate.ts';
import { formatOperand, resolveOperand, singleValue } from './value.ts';

export function resolveComparison(comparison: Comparison, column: FilterColumn): Predicate {
  const { operator, right } = comparison;
  const operand = resolveOperand(right, column);
  switch (operator) {
    case 'in':
    case 'not in':
      return inPredicate(column, Array.isArray(operand) ? operand : [operand], operator === 'not in');
    case '=':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return comparePredicate(column, operator, singleValue(operand));
    case 'starts_with':
    case 'not starts_with':
      if (typeof operand !== 'string') {
        const printed = formatOperand(operand, right);
        throw invalidExpression(`right-hand side of '${operator}' must be a literal string (got: ${printed})`);
      }
      if (isNumeric(column)) {
        const typeName = IndexedValueTypeNames.get(column.type);
        throw notSupported(
          `operator '${operator.toUpperCase()}' not supported for ${typeName} type search attribute '${column.alias}'`,
        );
      }
      return { kind: 'startsWith', column, prefix: operand, negated: operator === 'not starts_with' };
    default:
      throw new InvariantError(`operator ${operator} reached the resolver`); // resolve-filter.ts refuses it
  }
}

export function comparePredicate(column: FilterColumn, operator: CompareOperator, value: FilterValue): Predicate {
  const coerced = coerce(column, value);
  if (coerced === undefined) return { kind: 'constant', column, value: ['!=', '<', '<='].includes(operator) };
  return { kind: 'compare', column, operator, value: coerced };
}

function inPredicate(column: FilterColumn, values: readonly FilterValue[], negated: boolean): Predicate {
  const coerced = values.map((value) => coerce(column, value)).filter((value) => value !== undefined);
  if (coerced.length === 0) return { kind: 'constant', column, value: negated };
  return { kind: 'in', column, values: coerced, negated };
}

export function betweenPredicate(
  column: FilterColumn,
  from: FilterValue,
  to: FilterValue,
  negated: boolean,
): Predicate {
  const [low, high] = [coerce(column, from), coerce(column, to)];
  if (low !== undefined && high !== undefined) return { kind: 'between', column, from: low, to: high, negated };
  const parts = [comparePredicate(column, '>=', from), comparePredicate(column, '<=', to)];
  const both: Predicate = { kind: 'and', operands: parts };
  return negated ? { kind: 'not', operand: both } : both;
}

/**
 * The value as the column's storage compares it, SQLite's affinities: digits in quotes are a number to a number's column, a number
 * is its digits to a text's column. Undefined for text that a number's column cannot hold: it sorts above every number.
 */
function coerce(column: FilterColumn, value: FilterValue): FilterValue | undefined {
  if (!isNumeric(column)) {
    return column.type !== IndexedValueType.DATETIME && typeof value !== 'string' ? String(value) : value;
  }
  if (typeof value !== 'string') return value;
  const trimmed = value.trim();
  if (trimmed === '' || !Number.isFinite(Number(trimmed)) || /^[+-]?0[xob]/i.test(trimmed)) return undefined;
  return Number(trimmed);
}
