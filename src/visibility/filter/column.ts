// Finds the search attribute that a name in a filter means. Temporal 1.31 common/persistence/visibility/store/query/resolve.go.

import { IndexedValueType } from '#proto/temporal/api/enums/v1';
import { type Expression, goTypeName } from '../grammar/syntax.ts';
import { fieldOfAlias, type NamespaceAliases } from '../search-attributes/alias.ts';
import { fieldType, isMappable, RESERVED_PREFIX, SCHEDULE_ID } from '../search-attributes/definitions.ts';
import { invalidExpression } from './filter-error.ts';
import type { FilterColumn } from './predicate.ts';

/** Throws FilterError when the expression is no column or the column no search attribute. */
export function resolveColumn(
  expression: Expression,
  namespace: NamespaceAliases,
  aliases: ReadonlyMap<string, string>,
): FilterColumn {
  if (expression.kind !== 'ColName') {
    throw invalidExpression(`must be a column name but was ${goTypeName(expression)}`);
  }
  const alias = expression.name.replaceAll('`', '');
  const field = resolveField(alias, namespace, aliases);
  const type = field === undefined ? undefined : fieldType(field);
  if (field === undefined || type === undefined) {
    throw invalidExpression(`column name '${alias}' is not a valid search attribute`);
  }
  return { alias, field, type };
}

/** The namespace's own attributes come first, then the kind's, then built-in ones, with or without the prefix `Temporal`. */
function resolveField(
  name: string,
  namespace: NamespaceAliases,
  aliases: ReadonlyMap<string, string>,
): string | undefined {
  if (isMappable(name)) {
    const field = fieldOfAlias(namespace, name);
    if (field !== undefined && fieldType(field) !== undefined) return field;
    const builtIn = aliases.get(name);
    if (builtIn !== undefined) return builtIn;
    if (name === SCHEDULE_ID) return 'WorkflowId';
  }
  const unprefixed = name.startsWith(RESERVED_PREFIX) ? name.slice(RESERVED_PREFIX.length) : name;
  return [name, RESERVED_PREFIX + name, unprefixed].find((candidate) => fieldType(candidate) !== undefined);
}

/** Whether values of the type are numbers to the stores. */
export function isNumeric(column: FilterColumn): boolean {
  switch (column.type) {
    case IndexedValueType.BOOL:
    case IndexedValueType.INT:
    case IndexedValueType.DOUBLE:
      return true;
    default:
      return column.field === 'ExecutionStatus';
  }
}
