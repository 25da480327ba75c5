// The worker thread: namespaces, visibility, retention and other system work.

import { NamespacesChanged } from '#proto/ostinato/runtime/v1';
import { createStoreFactory } from '../../persistence/index.ts';
import { ServiceNumber } from '../../runtime/service-host.ts';
import type { RunningThread, ThreadContext } from '../../runtime/thread-context.ts';
import { openVisibilityStore } from '../../visibility/index.ts';
import { createWorkerService } from '../../worker/index.ts';
import type { ThreadSettings } from './server-options.ts';
import { storeName } from './store-name.ts';
import { followDynamicConfig } from './thread-services.ts';

export async function startWorkerThread(context: ThreadContext, settings: ThreadSettings): Promise<RunningThread> {
  const { topology, router, facts, clock, logger, metrics, hub } = context;
  const dynamicConfig = followDynamicConfig(context, settings);
  const metadataStore = await createStoreFactory(settings.store).openMetadataStore();
  const visibilityStore = await openVisibilityStore(settings.store);
  const service = createWorkerService({
    metadataStore,
    visibilityStore,
    router,
    clock,
    logger,
    metrics,
    dynamicConfig,
    onNamespacesChanged: (version) => facts.publish('NamespacesChanged', NamespacesChanged.encode({ version })),
    cluster: settings.cluster,
    historyShardCount: topology.shardCount,
    persistenceStoreName: storeName(settings.store),
  });
  await service.start();
  hub.register(ServiceNumber.WORKER, service.handlers);
  return {
    drain: async () => {},
    stop: async () => {
      await service.stop();
      await visibilityStore.close();
      await metadataStore.close();
    },
  };
}
