// A history thread: one history service per store partition it owns, usually one.

import { createHistoryService } from '../../history/index.ts';
import { createStoreFactory } from '../../persistence/index.ts';
import { earlyCollection } from '../../runtime/early-collection.ts';
import { QuietMoments } from '../../runtime/quiet-moments.ts';
import type { Handler, ServiceHandlers } from '../../runtime/service.ts';
import { ServiceNumber } from '../../runtime/service-host.ts';
import { HISTORY_METHODS, type HistoryMethod } from '../../runtime/services.ts';
import type { RunningThread, ThreadContext } from '../../runtime/thread-context.ts';
import { partitionsOfThread } from '../../runtime/topology.ts';
import type { ThreadSettings } from './server-options.ts';
import { followDynamicConfig, startNamespaceRegistry } from './thread-services.ts';

interface OwnedService {
  readonly shardIds: readonly number[];
  readonly service: ReturnType<typeof createHistoryService>;
  close(): Promise<void>;
}

export async function startHistoryThread(context: ThreadContext, settings: ThreadSettings): Promise<RunningThread> {
  const { topology, router, clock, logger, metrics, hub, pollBoard } = context;
  const dynamicConfig = followDynamicConfig(context, settings);
  const namespaces = await startNamespaceRegistry(context, dynamicConfig);
  const factory = createStoreFactory(settings.store);
  const moments = new QuietMoments(clock);
  const chores = [earlyCollection()];
  const services: OwnedService[] = [];
  for (const { partition, shardIds } of partitionsOfThread(topology, context.description.thread)) {
    const store = await factory.openExecutionStore(partition);
    const service = createHistoryService({
      store,
      shardIds: [...shardIds],
      shardCount: topology.shardCount,
      router,
      clock,
      logger,
      metrics,
      dynamicConfig,
      namespaces,
      hostName: settings.hostName,
      pollBoard,
      moments,
      chores,
    });
    services.push({ shardIds, service, close: async () => store.close() });
  }
  await Promise.all(services.map(({ service }) => service.start()));
  hub.register(ServiceNumber.HISTORY, handlersOf(services));
  return {
    drain: async () => {},
    stop: async () => {
      namespaces.stop();
      await Promise.all(services.map(({ service }) => service.stop()));
      for (const { close } of services) await close();
    },
  };
}

function handlersOf(services: readonly OwnedService[]): ServiceHandlers<HistoryMethod> {
  if (services.length === 1) return services[0]!.service.handlers;
  const byShard = new Map<number, ServiceHandlers<HistoryMethod>>();
  for (const { shardIds, service } of services) {
    for (const shardId of shardIds) byShard.set(shardId, service.handlers);
  }
  const handlers = {} as Record<HistoryMethod, Handler>;
  for (const method of HISTORY_METHODS) {
    const handler: Handler = (request, call, shardId) => byShard.get(shardId)![method](request, call, shardId);
    handlers[method] = handler;
  }
  return handlers;
}
