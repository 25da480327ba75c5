// Conditions on Text attributes: = asks whether the text holds one of the words. Used by resolve-filter.ts.

import type { Comparison } from '../grammar/syntax.ts';
import { invalidExpression } from './filter-error.ts';
import type { FilterColumn, Predicate } from './predicate.ts';
import { queryPhrases } from './text-tokens.ts';
import { formatOperand, resolveOperand } from './value.ts';

export function resolveTextComparison(comparison: Comparison, column: FilterColumn): Predicate {
  const { operator, right } = comparison;
  const operand = resolveOperand(right, column);
  const printed = (): string => formatOperand(operand, right);
  if (operator !== '=' && operator !== '!=') {
    throw invalidExpression(
      `operator '${operator}' not supported for Text type search attribute in \`${column.alias} ${operator} ${printed()}\``,
    );
  }
  if (typeof operand !== 'string') {
    throw invalidExpression(`unexpected value type (expected string, got ${printed()})`);
  }
  if (!/[^ ]/.test(operand)) {
    throw invalidExpression(`unexpected value for Text type search attribute (no tokens found in ${printed()})`);
  }
  return { kind: 'textHolds', column, phrases: queryPhrases(operand), negated: operator === '!=' };
}
