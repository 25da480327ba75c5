// What the worker thread asks of a visibility backend. One instance per process that runs the worker thread. Rows are a copy of what
// history knows: history replays its queue until a batch is acknowledged, so a store may lose its last moments in a crash.

import type { MaybePromise } from '../base/maybe-promise.ts';
import type { Predicate } from './filter/predicate.ts';
import type { SearchableRow, VisibilityRow } from './visibility-row.ts';

/** The close time that an open execution sorts and compares by: 9999-12-31T23:59:59Z, Temporal's, in microseconds. */
export const OPEN_CLOSE_MICROS = 253402300799000000;

/** Between two transactions of writes: what changes again meanwhile is written once. The first change after a rest is written at once. */
export const WRITE_REST_MS = 50;

/** Replaces the row unless it has this version already, or a higher one. */
export interface RowUpsert {
  readonly kind: 'upsert';
  readonly row: SearchableRow;
}

/** Removes the row unless it has a higher version. */
export interface RowDelete {
  readonly kind: 'delete';
  readonly namespaceId: string;
  readonly runId: string;
  readonly version: number;
}

export type RowWrite = RowUpsert | RowDelete;

/** The row after which a page goes on, in the order of lists. */
export interface PagePosition {
  readonly closeMicros: number;
  readonly startMicros: number;
  readonly runId: string;
}

export interface ListRequest {
  readonly namespaceId: string;
  readonly predicate: Predicate;
  readonly limit: number;
  readonly after: PagePosition | undefined;
}

export interface StatusCount {
  readonly status: number;
  readonly count: number;
}

export interface VisibilityStore {
  /** As GetClusterInfo names it: sqlite, postgres12, memory. */
  readonly name: string;
  /** Creates the schema or checks its version, as StoreFactory.prepareSchema does. Before any other call. */
  prepareSchema(options: { readonly upgrade: boolean }): MaybePromise<void>;
  /** One transaction, one round trip. The order of writes to one row does not matter: versions decide. */
  record(batch: readonly RowWrite[]): MaybePromise<void>;
  /** Newest close first with open ones before all, then newest start, then run id. Scans have the same order. */
  list(request: ListRequest): MaybePromise<readonly VisibilityRow[]>;
  count(namespaceId: string, predicate: Predicate): MaybePromise<number>;
  /** By status number, without statuses that have no row. */
  countByStatus(namespaceId: string, predicate: Predicate): MaybePromise<readonly StatusCount[]>;
  /** All rows of a namespace. */
  deleteNamespace(namespaceId: string): MaybePromise<void>;
  close(): MaybePromise<void>;
}

/** One write per row, the one of the highest version: what a batch leaves behind is independent of its order. */
export function lastWrites(batch: readonly RowWrite[]): readonly RowWrite[] {
  if (batch.length < 2) return batch;
  const last = new Map<string, RowWrite>();
  for (const write of batch) {
    const { namespaceId, runId } = write.kind === 'upsert' ? write.row : write;
    const key = `${namespaceId}/${runId}`;
    const other = last.get(key);
    if (other === undefined || versionOf(other) <= versionOf(write)) last.set(key, write);
  }
  return [...last.values()];
}

const versionOf = (write: RowWrite): number => (write.kind === 'upsert' ? write.row.version : write.version);

/** Where a list goes on after a row. */
export function positionOf(row: VisibilityRow): PagePosition {
  return { closeMicros: row.closeMicros ?? OPEN_CLOSE_MICROS, startMicros: row.startMicros, runId: row.runId };
}
