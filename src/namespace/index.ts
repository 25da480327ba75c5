// The door of namespaces: the registry that threads look names up in, and the operations of the worker thread.

export * from './cluster-info.ts';
export * from './describe-namespace.ts';
export * from './list-namespaces.ts';
export type { NamespaceDomain } from './namespace-domain.ts';
export type { NamespaceRegistry } from './namespace-registry.ts';
export { NamespaceStore } from './namespace-store.ts';
export * from './register-namespace.ts';
export * from './system-namespace.ts';
export * from './thread-namespace-registry.ts';
export * from './update-namespace.ts';
