// The door of visibility: list filters, search attributes, stores.

export type { Predicate } from './filter/predicate.ts';
export { OWN_DIVISION, type ResolvedFilter, resolveCountFilter, resolveListFilter } from './filter/resolve-filter.ts';
export { MemoryVisibilityStore } from './memory/memory-visibility-store.ts';
export { openVisibilityStore } from './open-visibility-store.ts';
export { type PostgresVisibilityOptions, PostgresVisibilityStore } from './postgres/postgres-visibility-store.ts';
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
export { type SqliteVisibilityOptions, SqliteVisibilityStore } from './sqlite/sqlite-visibility-store.ts';
export * from './visibility-row.ts';
export * from './visibility-store.ts';
