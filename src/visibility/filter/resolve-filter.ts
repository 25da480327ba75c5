// From the text of a list filter to a typed one, or to the error that Temporal's SQL visibility answers. Who calls: the worker
// thread for each list and count, and the frontend where it checks a filter without running it.

import { IndexedValueType, IndexedValueTypeNames } from '#proto/temporal/api/enums/v1';
import { assertNever } from '../../base/invariant.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import { formatExpression } from '../grammar/format.ts';
import { parseFilter } from '../grammar/parser.ts';
import {
  type Comparison,
  type Expression,
  type FilterSyntax,
  goTypeName,
  type IsTest,
  type Range,
} from '../grammar/syntax.ts';
import { FilterSyntaxError } from '../grammar/syntax-error.ts';
import type { NamespaceAliases } from '../search-attributes/alias.ts';
import { NAMESPACE_DIVISION } from '../search-attributes/definitions.ts';
import { resolveColumn } from './column.ts';
import { betweenPredicate, resolveComparison } from './comparison.ts';
import { type ExecutionKind, WORKFLOWS } from './execution-kind.ts';
import { FilterError, invalidExpression, notSupported } from './filter-error.ts';
import { resolveKeywordListComparison } from './keyword-list.ts';
import type { Predicate } from './predicate.ts';
import { resolveTextComparison } from './text.ts';
import { resolveOperand, singleValue } from './value.ts';

const COMPARISON_OPERATORS: ReadonlySet<string> = new Set([
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'in',
  'not in',
  'starts_with',
  'not starts_with',
]);
const RANGE_TYPES: ReadonlySet<number> = new Set([
  IndexedValueType.DATETIME,
  IndexedValueType.DOUBLE,
  IndexedValueType.INT,
  IndexedValueType.KEYWORD,
]);

export interface ResolvedFilter {
  readonly predicate: Predicate;
  /** Count by execution status. */
  readonly groupByStatus: boolean;
}

/** For lists. Throws INVALID_ARGUMENT. */
export function resolveListFilter(query: string, namespace: NamespaceAliases, kind = WORKFLOWS): Predicate {
  return asServiceError(() => {
    const { predicate, groupByStatus } = resolve(query, namespace, kind);
    if (groupByStatus) throw notSupported("'GROUP BY' clause");
    return predicate;
  });
}

/** For counts. Throws INVALID_ARGUMENT. */
export function resolveCountFilter(query: string, namespace: NamespaceAliases, kind = WORKFLOWS): ResolvedFilter {
  return asServiceError(() => resolve(query, namespace, kind));
}

function asServiceError<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof FilterError) throw invalidArgument(`invalid query: ${error.message}`);
    if (error instanceof FilterSyntaxError) {
      throw invalidArgument(`invalid query: malformed SQL query: ${error.message}`);
    }
    throw error;
  }
}

function resolve(query: string, namespace: NamespaceAliases, kind: ExecutionKind): ResolvedFilter {
  const syntax = parseFilter(query);
  if (syntax.hasOrderBy) throw notSupported("'ORDER BY' clause");
  if (syntax.hasLimit) throw notSupported("'LIMIT' clause");
  const resolver = new Resolver(namespace, kind);
  const where = syntax.where === undefined ? undefined : resolver.resolve(syntax.where);
  const groupByStatus = resolveGroupBy(syntax, namespace, kind);
  const division = resolver.namesDivision ? undefined : kind.division;
  const operands = [where, division].filter((operand) => operand !== undefined);
  return { predicate: operands.length === 1 ? operands[0]! : { kind: 'and', operands }, groupByStatus };
}

function resolveGroupBy(syntax: FilterSyntax, namespace: NamespaceAliases, kind: ExecutionKind): boolean {
  if (syntax.groupBy.length > 1) throw notSupported("'GROUP BY' clause supports only a single field");
  const [expression] = syntax.groupBy;
  if (expression === undefined) return false;
  if (resolveColumn(expression, namespace, kind.aliases).field !== 'ExecutionStatus') {
    throw notSupported("'GROUP BY' clause is only supported for ExecutionStatus");
  }
  return true;
}

function invalidOperator(comparison: Comparison): FilterError {
  return invalidExpression(`invalid operator '${comparison.operator}' in \`${formatExpression(comparison)}\``);
}

class Resolver {
  namesDivision = false;
  private readonly namespace: NamespaceAliases;
  private readonly kind: ExecutionKind;

  constructor(namespace: NamespaceAliases, kind: ExecutionKind) {
    this.namespace = namespace;
    this.kind = kind;
  }

  resolve(expression: Expression): Predicate {
    switch (expression.kind) {
      case 'ParenExpr':
        return this.resolve(expression.operand);
      case 'NotExpr':
        return { kind: 'not', operand: this.resolve(expression.operand) };
      case 'AndExpr':
      case 'OrExpr': {
        const kind = expression.kind === 'AndExpr' ? 'and' : 'or';
        return { kind, operands: expression.operands.map((operand) => this.resolve(operand)) };
      }
      case 'ComparisonExpr':
        return this.comparison(expression);
      case 'RangeCond':
        return this.range(expression);
      case 'IsExpr':
        return this.isTest(expression);
      case 'FuncExpr':
        throw notSupported('function expression');
      case 'ColName':
        throw invalidExpression('incomplete expression');
      default:
        throw notSupported(`expression of type ${goTypeName(expression)}`);
    }
  }

  private column(expression: Expression) {
    const column = resolveColumn(expression, this.namespace, this.kind.aliases);
    if (column.field === NAMESPACE_DIVISION) this.namesDivision = true;
    return column;
  }

  private comparison(comparison: Comparison): Predicate {
    if (!COMPARISON_OPERATORS.has(comparison.operator)) throw invalidOperator(comparison); // before the column, as Temporal does
    const column = this.column(comparison.left);
    switch (column.type) {
      case IndexedValueType.KEYWORD_LIST:
        return resolveKeywordListComparison(comparison, column);
      case IndexedValueType.TEXT:
        return resolveTextComparison(comparison, column);
      default:
        return resolveComparison(comparison, column);
    }
  }

  private range(range: Range): Predicate {
    const column = this.column(range.left);
    if (!RANGE_TYPES.has(column.type)) {
      throw invalidExpression(
        `cannot do range condition on search attribute '${column.alias}' of type ${IndexedValueTypeNames.get(column.type)}`,
      );
    }
    const from = resolveOperand(range.from, column);
    const to = resolveOperand(range.to, column);
    return betweenPredicate(column, singleValue(from), singleValue(to), range.operator === 'not between');
  }

  private isTest(test: IsTest): Predicate {
    const column = this.column(test.operand);
    switch (test.operator) {
      case 'is null':
      case 'is not null':
        return { kind: 'isNull', column, negated: test.operator === 'is not null' };
      case 'is true':
      case 'is not true':
      case 'is false':
      case 'is not false':
        throw invalidExpression("'IS' operator can only be used with 'NULL' or 'NOT NULL'");
      default:
        return assertNever(test.operator, 'IS operator');
    }
  }
}
