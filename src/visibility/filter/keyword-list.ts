// Conditions on KeywordList attributes: = and IN ask whether the list holds a value. Used by resolve-filter.ts.

import type { Comparison, Expression } from '../grammar/syntax.ts';
import { invalidExpression } from './filter-error.ts';
import type { FilterColumn, FilterValue, Predicate } from './predicate.ts';
import { formatOperand, resolveOperand } from './value.ts';

export function resolveKeywordListComparison(comparison: Comparison, column: FilterColumn): Predicate {
  const { operator, right } = comparison;
  const operand = resolveOperand(right, column);
  switch (operator) {
    case '=':
    case '!=':
      if (typeof operand !== 'string') {
        throw invalidExpression(`unexpected value type (expected string, got ${formatOperand(operand, right)})`);
      }
      return { kind: 'listHolds', column, values: [operand], negated: operator === '!=' };
    case 'in':
    case 'not in': {
      const values = Array.isArray(operand) ? operand : [operand];
      const elements = right.kind === 'ValTuple' ? right.elements : [];
      const strings = values.map((value, index) => expectString(value, elements[index] ?? right));
      return { kind: 'listHolds', column, values: strings, negated: operator === 'not in' };
    }
    default:
      throw invalidExpression(
        `operator '${operator}' not supported for KeywordList type search attribute in ` +
          `\`${column.alias} ${operator} ${formatOperand(operand, right)}\``,
      );
  }
}

function expectString(value: FilterValue, source: Expression): string {
  if (typeof value === 'string') return value;
  const printed = formatOperand(value, source);
  throw invalidExpression(`unexpected value type in tuple (expected string, got ${printed})`);
}
