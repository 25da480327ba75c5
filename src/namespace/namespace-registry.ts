// What a thread knows of namespaces: a synchronous look-up over records that the worker thread pushes (NamespacesChanged).
// A name that is not there yet is asked for once before it counts as missing.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import type { MaybePromise } from '../base/maybe-promise.ts';

export interface NamespaceRegistry {
  /** Undefined if unknown to this thread right now. */
  byId(id: string): NamespaceRecord | undefined;
  byName(name: string): NamespaceRecord | undefined;
  /** How many this thread knows; for operators. */
  readonly size?: number;
  /** Asks the worker thread when the name is unknown here. Throws namespaceNotFound. */
  resolveName(name: string): MaybePromise<NamespaceRecord>;
  resolveId(id: string): MaybePromise<NamespaceRecord>;
}
