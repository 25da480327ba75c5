// What the worker thread and the membership ask of the store: namespaces, cluster metadata, hosts. Few rows, read often,
// written rarely.

import type { MaybePromise } from '../base/maybe-promise.ts';

export interface NamespaceRow {
  readonly id: string;
  readonly name: string;
  /** Encoded ostinato.worker.v1.NamespaceRecord. */
  readonly data: Uint8Array;
  readonly notificationVersion: number;
}

export interface MetadataStore {
  /** Adds or replaces. Returns the new notification version. Throws ConditionFailedError if the name belongs to another id, or
   * if `expectedVersion` is given and the stored row's differs (0: the row must not exist). */
  putNamespace(
    row: { readonly id: string; readonly name: string; readonly data: Uint8Array },
    expectedVersion: number,
  ): MaybePromise<number>;
  deleteNamespace(id: string): MaybePromise<void>;
  namespaceById(id: string): MaybePromise<NamespaceRow | undefined>;
  namespaceByName(name: string): MaybePromise<NamespaceRow | undefined>;
  /** By name, after `afterName`. */
  listNamespaces(afterName: string, limit: number): MaybePromise<readonly NamespaceRow[]>;
  /** All rows with a notification version above, in its order. */
  namespacesChangedSince(version: number): MaybePromise<readonly NamespaceRow[]>;

  /** Named documents (cluster metadata, search attributes, shard count, partition count) with optimistic locking. */
  getDocument(name: string): MaybePromise<{ readonly data: Uint8Array; readonly version: number } | undefined>;
  /** `expectedVersion` 0 creates. Throws ConditionFailedError. */
  putDocument(name: string, data: Uint8Array, expectedVersion: number): MaybePromise<void>;

  /** Cluster membership: rows with a lease. */
  upsertMember(member: {
    readonly hostId: string;
    readonly data: Uint8Array;
    readonly expiresAtMs: number;
  }): MaybePromise<void>;
  removeMember(hostId: string): MaybePromise<void>;
  listMembers(
    nowMs: number,
  ): MaybePromise<readonly { readonly hostId: string; readonly data: Uint8Array; readonly expiresAtMs: number }[]>;
  close(): MaybePromise<void>;
}
