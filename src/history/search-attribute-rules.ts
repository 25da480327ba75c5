// Search attributes as commands and starts bring them: the visibility module's rules with the settings of a namespace; and the types
// that readers of history find in the payloads.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import { IndexedValueTypeNames } from '#proto/temporal/api/enums/v1';
import type { Encoded } from '../proto/wire.ts';
import { fieldOfAlias, unaliasSearchAttributes } from '../visibility/search-attributes/alias.ts';
import { fieldType } from '../visibility/search-attributes/definitions.ts';
import {
  type SearchAttributeLimits,
  validateSearchAttributeSizes,
  validateSearchAttributeValues,
} from '../visibility/search-attributes/validator.ts';
import type { SearchAttributeRules } from './commands/validate/index.ts';
import type { HistoryEngine } from './engine.ts';
import {
  SEARCH_ATTRIBUTE_KEYS,
  SEARCH_ATTRIBUTE_VALUE_SIZE,
  SEARCH_ATTRIBUTES_TOTAL_SIZE,
  SUPPRESS_ERROR_SET_SYSTEM_SEARCH_ATTRIBUTE,
  VISIBILITY_ALLOW_LIST,
} from './limits.ts';

const TYPE = 'type';

export function searchAttributeRules(engine: HistoryEngine, namespace: NamespaceRecord): SearchAttributeRules {
  const recordOf = (name: string) =>
    name === namespace.name ? namespace : (engine.namespaces.byName(name) ?? namespace);
  return {
    // History keeps aliases; visibility maps them to columns when it writes.
    unalias: (attributes, name) => {
      const record = recordOf(name);
      unaliasSearchAttributes(record, attributes); // for its refusals
      return typedSearchAttributes(record, attributes);
    },
    validate: (attributes, name) => validateSearchAttributeValues(recordOf(name), attributes, limitsOf(engine, name)),
    validateSize: (attributes, name) =>
      validateSearchAttributeSizes(recordOf(name), attributes, limitsOf(engine, name)),
  };
}

function limitsOf({ config }: HistoryEngine, namespace: string): SearchAttributeLimits {
  const constraints = { namespace };
  return {
    numberOfKeys: config.get(SEARCH_ATTRIBUTE_KEYS, constraints),
    sizeOfValueBytes: config.get(SEARCH_ATTRIBUTE_VALUE_SIZE, constraints),
    totalSizeBytes: config.get(SEARCH_ATTRIBUTES_TOTAL_SIZE, constraints),
    allowList: config.get(VISIBILITY_ALLOW_LIST, constraints),
    suppressErrorSetSystemSearchAttribute: config.get(SUPPRESS_ERROR_SET_SYSTEM_SEARCH_ATTRIBUTE, constraints),
  };
}

/**
 * Each payload with its attribute's type in the metadata, where the client has not put one: SDKs decode by it. Temporal adds it
 * to every answer that shows the attributes (searchattribute.ApplyTypeMap, v1.31); here it is written once.
 */
export function typedSearchAttributes(
  namespace: NamespaceRecord,
  attributes: Encoded<SearchAttributes>,
): Encoded<SearchAttributes> {
  if (attributes.length === 0) return attributes;
  const { indexedFields } = SearchAttributes.decode(attributes);
  const typed = new Map<string, Encoded<Payload>>();
  let changed = false;
  for (const [name, encoded] of indexedFields) {
    const payload = Payload.decode(encoded);
    const type = fieldType(fieldOfAlias(namespace, name) ?? name);
    if (type === undefined || payload.metadata.has(TYPE)) {
      typed.set(name, encoded);
      continue;
    }
    changed = true;
    const typeName = Buffer.from(IndexedValueTypeNames.get(type) ?? '');
    typed.set(name, Payload.encode({ ...payload, metadata: new Map([...payload.metadata, [TYPE, typeName]]) }));
  }
  return changed ? SearchAttributes.encode({ indexedFields: typed }) : attributes;
}
