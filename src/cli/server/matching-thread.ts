// The matching thread: task queues and parked polls.

import { createMatchingService } from '../../matching/index.ts';
import { createStoreFactory } from '../../persistence/index.ts';
import { ServiceNumber } from '../../runtime/service-host.ts';
import type { RunningThread, ThreadContext } from '../../runtime/thread-context.ts';
import type { ThreadSettings } from './server-options.ts';
import { followDynamicConfig, startNamespaceRegistry } from './thread-services.ts';

export async function startMatchingThread(context: ThreadContext, settings: ThreadSettings): Promise<RunningThread> {
  const { router, clock, logger, metrics, hub, pollBoard } = context;
  const dynamicConfig = followDynamicConfig(context, settings);
  const namespaces = await startNamespaceRegistry(context, dynamicConfig);
  const store = await createStoreFactory(settings.store).openTaskQueueStore();
  const { hostName } = settings;
  const service = createMatchingService({
    store,
    router,
    clock,
    logger,
    metrics,
    dynamicConfig,
    namespaces,
    hostName,
    pollBoard,
  });
  await service.start();
  hub.register(ServiceNumber.MATCHING, service.handlers);
  return {
    // Parked polls are answered empty, so that workers come back to whoever serves next.
    drain: () => service.stop(),
    stop: async () => {
      namespaces.stop();
      await service.stop();
      await store.close();
    },
  };
}
