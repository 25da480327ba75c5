// DeleteNamespaceQueues: the namespace goes. Its partitions are unloaded and what they stored is deleted.

import { DeleteNamespaceQueuesRequest, Empty } from '#proto/ostinato/matching/v1';
import type { Handler } from '../../runtime/service.ts';
import type { HandlerContext } from './handler-context.ts';

/** Rows listed at once: bounds memory, not work. */
const PAGE_SIZE = 100;

const EMPTY = Empty.encode({});

export function deleteNamespaceQueues({ environment, partitions }: HandlerContext): Handler {
  const { store, writer } = environment;
  return async (bytes) => {
    const { namespaceId } = DeleteNamespaceQueuesRequest.decode(bytes);
    for (const partition of [...partitions.all()]) {
      if (partition.identity.namespaceId === namespaceId) partition.unload('namespace deleted');
    }
    // What is on its way to the store would come back after the deletion.
    await writer.settled();
    let afterKey = '';
    for (;;) {
      const page = await store.list(namespaceId, afterKey, PAGE_SIZE);
      for (const { key } of page) await store.delete(key);
      const last = page[page.length - 1];
      if (last === undefined || page.length < PAGE_SIZE) return EMPTY;
      afterKey = last.key;
    }
  };
}
