// ListNamespaceRecords: what changed since a version, for the registries of all threads.

import { ListNamespaceRecordsRequest, ListNamespaceRecordsResponse } from '#proto/ostinato/worker/v1';
import type { NamespaceStore } from '../../namespace/index.ts';
import type { Handler } from '../../runtime/service.ts';

export function listNamespaceRecords(store: NamespaceStore): Handler {
  return async (bytes) => {
    const { afterVersion } = ListNamespaceRecordsRequest.decode(bytes);
    const records = await store.changedSince(afterVersion);
    const version = records.reduce((latest, record) => Math.max(latest, record.notificationVersion), afterVersion);
    return ListNamespaceRecordsResponse.encode({ records, version });
  };
}
