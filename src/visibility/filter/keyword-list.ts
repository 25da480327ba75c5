// Conditions on KeywordList attributes: = and IN ask whether the list holds a value. Used by resolve-filter.ts.

import { formatExpression } from '../grammar/format.ts';
import type { Comparison } from '../grammar/syntax.ts';
import { invalidExpression } from './filter-error.ts';
import type { FilterColumn, FilterValue, Predicate } from './predicate.ts';
import { resolveValue, resolveValues } from './value.ts';

export function resolveKeywordListComparison(comparison: Comparison, column: FilterColumn): Predicate {
  const { operator, right } = comparison;
  switch (operator) {
    case '=':
    case '!=': {
      const value = resolveValue(right, column);
      if (typeof value !== 'string' || right.kind === 'BoolVal') {
        throw invalidExpression(`unexpected value type (expected string, got ${formatExpression(right)})`);
      }
      return { kind: 'listHolds', column, values: [value], negated: operator === '!=' };
    }
    case 'in':
    case 'not in': {
      const values = resolveValues(right, column);
      return { kind: 'listHolds', column, values: values.map(expectString), negated: operator === 'not in' };
    }
    default: {
      const printed = formatExpression({ ...comparison, left: { kind: 'ColName', name: column.alias } });
      if (right.kind !== 'ValTuple') resolveValue(right, column); // a bad value is reported before the operator
      throw invalidExpression(
        `operator '${operator}' not supported for KeywordList type search attribute in \`${printed}\``,
      );
    }
  }
}

function expectString(value: FilterValue): string {
  if (typeof value === 'string') return value;
  throw invalidExpression(`unexpected value type in tuple (expected string, got ${value})`);
}
