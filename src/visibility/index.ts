// The door of visibility: list filters, search attributes, the store contract. Backends come through openVisibilityStore.

export { ACTIVITIES, OWN_DIVISION } from './filter/execution-kind.ts';
export type { Predicate } from './filter/predicate.ts';
export { type ResolvedFilter, resolveCountFilter, resolveListFilter } from './filter/resolve-filter.ts';
export { openVisibilityStore } from './open-visibility-store.ts';
export * from './search-attributes/alias.ts';
export * from './search-attributes/definitions.ts';
export * from './search-attributes/validator.ts';
export {
  decodeValue,
  encodeValue,
  InvalidValueError,
  indexedValueTypeFromString,
  type SearchAttributeValue,
} from './search-attributes/value.ts';
export * from './visibility-row.ts';
export * from './visibility-store.ts';
