// The worker thread: namespaces, visibility, retention and other system work.

import { createStoreFactory } from '../../persistence/index.ts';
import { ServiceNumber } from '../../runtime/service-host.ts';
import type { RunningThread, ThreadContext } from '../../runtime/thread-context.ts';
import { createWorkerService } from '../../worker/index.ts';
import type { ThreadSettings } from './server-options.ts';
import { followDynamicConfig } from './thread-services.ts';

export async function startWorkerThread(context: ThreadContext, settings: ThreadSettings): Promise<RunningThread> {
  const { topology, router, facts, clock, logger, metrics, hub } = context;
  const dynamicConfig = followDynamicConfig(context, settings);
  const store = await createStoreFactory(settings.store).openMetadataStore();
  const service = createWorkerService({
    store,
    shardCount: topology.shardCount,
    router,
    facts,
    clock,
    logger,
    metrics,
    dynamicConfig,
    hostName: settings.hostName,
    cluster: settings.cluster,
  });
  await service.start();
  hub.register(ServiceNumber.WORKER, service.handlers);
  return {
    drain: async () => {},
    stop: async () => {
      await service.stop();
      await store.close();
    },
  };
}
