// ListNamespaces: pages in order of names. Temporal 1.31 common/persistence/metadata_manager.go. Worker thread.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { NamespaceState } from '#proto/temporal/api/enums/v1';
import type { ListNamespacesRequest } from '#proto/temporal/api/workflowservice/v1';
import type { NamespaceStore } from './namespace-store.ts';

/** When a request names none (Temporal, namespace_handler.go). */
const DEFAULT_PAGE_SIZE = 100;
/** Records read at once, whatever a request asks for. */
const MAX_PAGE_SIZE = 10_000;

export interface NamespacePage {
  readonly records: readonly NamespaceRecord[];
  readonly nextPageToken: Uint8Array;
}

/** Deleted namespaces appear on request. The token is the last name. */
export async function listNamespaces(store: NamespaceStore, request: ListNamespacesRequest): Promise<NamespacePage> {
  const pageSize = request.pageSize <= 0 ? DEFAULT_PAGE_SIZE : Math.min(request.pageSize, MAX_PAGE_SIZE);
  const includeDeleted = request.namespaceFilter?.includeDeleted ?? false;
  const isListed = (record: NamespaceRecord): boolean =>
    !record.deleted && (includeDeleted || record.state !== NamespaceState.DELETED);
  const records: NamespaceRecord[] = [];
  let afterName = Buffer.from(request.nextPageToken).toString('utf8');
  for (;;) {
    const wanted = pageSize - records.length;
    const page = await store.page(afterName, wanted);
    records.push(...page.filter(isListed));
    const last = page.at(-1);
    if (last === undefined || page.length < wanted) return { records, nextPageToken: new Uint8Array(0) };
    afterName = last.name;
    if (records.length === pageSize) return { records, nextPageToken: Buffer.from(afterName) };
  }
}
