// Between what users call a custom attribute (`CustomerId`) and the field that holds it (`Keyword01`), per namespace. Any thread.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { SearchAttributes } from '#proto/temporal/api/common/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Encoded } from '../../proto/wire.ts';
import { isMappable } from './definitions.ts';

/** The part of a namespace that names its custom attributes. */
export type NamespaceAliases = Pick<NamespaceRecord, 'name' | 'customSearchAttributeAliases'>;

/** The field behind an alias; undefined if the namespace has no such attribute. */
export function fieldOfAlias(namespace: NamespaceAliases, alias: string): string | undefined {
  for (const [field, name] of namespace.customSearchAttributeAliases) if (name === alias) return field;
  return undefined;
}

export function aliasOfField(namespace: NamespaceAliases, field: string): string | undefined {
  return namespace.customSearchAttributeAliases.get(field);
}

/** The error for a custom attribute that the namespace does not have. */
export const unknownAlias = (namespace: NamespaceAliases, alias: string) =>
  invalidArgument(`Namespace ${namespace.name} has no mapping defined for search attribute ${alias}`);

/** Renames custom attributes from alias to field. Throws INVALID_ARGUMENT for an alias that the namespace does not have. */
export function unaliasSearchAttributes(
  namespace: NamespaceAliases,
  attributes: Encoded<SearchAttributes>,
): Encoded<SearchAttributes> {
  return rename(attributes, (name) => {
    if (!isMappable(name)) return name;
    const field = fieldOfAlias(namespace, name);
    if (field === undefined) throw unknownAlias(namespace, name);
    return field;
  });
}

/**
 * Renames custom attributes from field to alias. Fields without an alias are left out: their attribute was removed, and a poll
 * response must not fail for that.
 */
export function aliasSearchAttributes(
  namespace: NamespaceAliases,
  attributes: Encoded<SearchAttributes>,
): Encoded<SearchAttributes> {
  return rename(attributes, (name) => (isMappable(name) ? aliasOfField(namespace, name) : name));
}

/** Answers the same bytes when no name changes. */
function rename(
  attributes: Encoded<SearchAttributes>,
  newName: (name: string) => string | undefined,
): Encoded<SearchAttributes> {
  if (attributes.length === 0) return attributes;
  const renamed = new Map<string, Uint8Array>();
  let changed = false;
  for (const [name, payload] of SearchAttributes.decode(attributes).indexedFields) {
    const next = newName(name);
    if (next !== name) changed = true;
    if (next !== undefined) renamed.set(next, payload);
  }
  return changed ? SearchAttributes.encode({ indexedFields: renamed }) : attributes;
}
