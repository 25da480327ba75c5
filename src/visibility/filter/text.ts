// Conditions on Text attributes: = asks whether the text holds one of the words. Used by resolve-filter.ts.

import { formatExpression } from '../grammar/format.ts';
import type { Comparison } from '../grammar/syntax.ts';
import { invalidExpression } from './filter-error.ts';
import type { FilterColumn, Predicate } from './predicate.ts';
import { queryPhrases } from './text-tokens.ts';
import { resolveValue, resolveValues } from './value.ts';

export function resolveTextComparison(comparison: Comparison, column: FilterColumn): Predicate {
  const { operator, right } = comparison;
  const value = right.kind === 'ValTuple' ? resolveValues(right, column) : resolveValue(right, column);
  if (operator !== '=' && operator !== '!=') {
    const printed = formatExpression({ ...comparison, left: { kind: 'ColName', name: column.alias } });
    throw invalidExpression(`operator '${operator}' not supported for Text type search attribute in \`${printed}\``);
  }
  if (typeof value !== 'string') {
    throw invalidExpression(`unexpected value type (expected string, got ${formatExpression(right)})`);
  }
  if (!/[^ ]/.test(value)) {
    const printed = formatExpression(right);
    throw invalidExpression(`unexpected value for Text type search attribute (no tokens found in ${printed})`);
  }
  return { kind: 'textHolds', column, phrases: queryPhrases(value), negated: operator === '!=' };
}
