// Checks the search attributes that a client or a workflow sets: names, types, sizes, with Temporal's errors. Pure: the frontend and
// the history threads call it with their registry's record. Temporal 1.31 common/searchattribute/validator.go.

import { Payload, SearchAttributes } from '#proto/temporal/api/common/v1';
import { type IndexedValueType, IndexedValueTypeNames } from '#proto/temporal/api/enums/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Encoded } from '../../proto/wire.ts';
import { fieldOfAlias, type NamespaceAliases, unaliasSearchAttributes, unknownAlias } from './alias.ts';
import {
  CUSTOM_FIELDS,
  isMappable,
  isSettablePredefined,
  PREDEFINED_ATTRIBUTES,
  SYSTEM_ATTRIBUTES,
} from './definitions.ts';
import { formatGoValue } from './go-format.ts';
import { decodeValue, InvalidValueError, plainJson } from './value.ts';

/** Temporal's dynamic configuration, per namespace. */
export interface SearchAttributeLimits {
  /** frontend.searchAttributesNumberOfKeysLimit */
  readonly numberOfKeys: number;
  /** frontend.searchAttributesSizeOfValueLimit: bytes of one value's data. */
  readonly sizeOfValueBytes: number;
  /** frontend.searchAttributesTotalSizeLimit: bytes of the whole message, under field names. */
  readonly totalSizeBytes: number;
  /** system.visibilityAllowList: lists of values for attributes of one value. */
  readonly allowList: boolean;
  /** system.suppressErrorSetSystemSearchAttribute: system attributes are passed over instead of refused. */
  readonly suppressErrorSetSystemSearchAttribute: boolean;
}

/** Temporal 1.31 common/dynamicconfig/constants.go. */
export const DEFAULT_SEARCH_ATTRIBUTE_LIMITS: SearchAttributeLimits = {
  numberOfKeys: 100,
  sizeOfValueBytes: 2 * 1024,
  totalSizeBytes: 40 * 1024,
  allowList: true,
  suppressErrorSetSystemSearchAttribute: false,
};

/** Everything: names, types, number and sizes. Custom attributes by alias. Throws INVALID_ARGUMENT with Temporal's message. */
export function validateSearchAttributes(
  namespace: NamespaceAliases,
  attributes: Encoded<SearchAttributes> | undefined,
  limits: SearchAttributeLimits = DEFAULT_SEARCH_ATTRIBUTE_LIMITS,
): void {
  validateSearchAttributeValues(namespace, attributes, limits);
  validateSearchAttributeSizes(namespace, attributes, limits);
}

/** Names, types and number. */
export function validateSearchAttributeValues(
  namespace: NamespaceAliases,
  attributes: Encoded<SearchAttributes> | undefined,
  limits: SearchAttributeLimits = DEFAULT_SEARCH_ATTRIBUTE_LIMITS,
): void {
  if (attributes === undefined || attributes.length === 0) return;
  const fields = [...SearchAttributes.decode(attributes).indexedFields];
  for (const [name] of fields) {
    if (isMappable(name) && fieldOfAlias(namespace, name) === undefined) throw unknownAlias(namespace, name);
  }
  if (fields.length > limits.numberOfKeys) {
    throw invalidArgument(`number of search attributes ${fields.length} exceeds limit ${limits.numberOfKeys}`);
  }
  for (const [name, payload] of fields) validateValue(namespace, name, Payload.decode(payload), limits);
}

function validateValue(
  namespace: NamespaceAliases,
  name: string,
  payload: Payload,
  limits: SearchAttributeLimits,
): void {
  if (SYSTEM_ATTRIBUTES.has(name)) {
    if (limits.suppressErrorSetSystemSearchAttribute) return;
    throw cannotBeSet(name);
  }
  if (PREDEFINED_ATTRIBUTES.has(name) && !isSettablePredefined(name)) throw cannotBeSet(name);
  const type = PREDEFINED_ATTRIBUTES.get(name) ?? CUSTOM_FIELDS.get(fieldOfAlias(namespace, name) ?? name);
  if (type === undefined) throw invalidArgument(`search attribute ${name} is not defined`);
  try {
    decodeValue(payload, type, limits.allowList);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    throw invalidValue(name, type, payload);
  }
}

const cannotBeSet = (name: string) => invalidArgument(`${name} attribute can't be set in SearchAttributes`);

function invalidValue(name: string, type: IndexedValueType, payload: Payload) {
  const json = plainJson(payload);
  const printed = json === undefined ? `value from <${formatPayload(payload)}>` : formatGoValue(json.value);
  const typeName = IndexedValueTypeNames.get(type);
  return invalidArgument(`invalid value for search attribute ${name} of type ${typeName}: ${printed}`);
}

/** Protobuf's text form, as far as a payload needs it. */
function formatPayload(payload: Payload): string {
  const text = (bytes: Uint8Array): string => JSON.stringify(Buffer.from(bytes).toString('utf8'));
  const metadata = [...payload.metadata].map(
    ([key, value]) => `metadata:{key:${JSON.stringify(key)} value:${text(value)}}`,
  );
  return [...metadata, `data:${text(payload.data)}`].join(' ');
}

/** Sizes of the values and of the whole. The names must be known. */
export function validateSearchAttributeSizes(
  namespace: NamespaceAliases,
  attributes: Encoded<SearchAttributes> | undefined,
  limits: SearchAttributeLimits = DEFAULT_SEARCH_ATTRIBUTE_LIMITS,
): void {
  if (attributes === undefined || attributes.length === 0) return;
  for (const [name, payload] of SearchAttributes.decode(attributes).indexedFields) {
    const { length } = Payload.decode(payload).data;
    if (length <= limits.sizeOfValueBytes) continue;
    throw invalidArgument(
      `search attribute ${name} value size ${length} exceeds size limit ${limits.sizeOfValueBytes}`,
    );
  }
  const size = unaliasSearchAttributes(namespace, attributes).length;
  if (size > limits.totalSizeBytes) {
    throw invalidArgument(`total size of search attributes ${size} exceeds size limit ${limits.totalSizeBytes}`);
  }
}
