// What every thread of the server has beside its service: settings that follow the configuration, and the namespaces.

import { DynamicConfigChanged, NamespacesChanged } from '#proto/ostinato/runtime/v1';
import type { ConfiguredValues } from '../../config/configured-values.ts';
import type { DynamicConfig } from '../../config/dynamic-config.ts';
import { SettingValues } from '../../config/setting-values.ts';
import { ThreadNamespaceRegistry } from '../../namespace/index.ts';
import type { ThreadContext } from '../../runtime/thread-context.ts';
import type { ThreadSettings } from './server-options.ts';

export function followDynamicConfig(
  context: ThreadContext,
  settings: Pick<ThreadSettings, 'dynamicValues'>,
): SettingValues {
  const values = new SettingValues(settings.dynamicValues);
  context.facts.subscribe('DynamicConfigChanged', (body) => {
    values.replace(JSON.parse(DynamicConfigChanged.decode(body).json) as ConfiguredValues);
  });
  return values;
}

/** Not started: start() asks the worker thread for everything there is. */
export function createNamespaceRegistry(context: ThreadContext, config: DynamicConfig): ThreadNamespaceRegistry {
  const { router, facts, clock, logger } = context;
  const registry = new ThreadNamespaceRegistry({ router, clock, logger, config });
  facts.subscribe('NamespacesChanged', (body) => registry.namespacesChanged(NamespacesChanged.decode(body).version));
  return registry;
}

export async function startNamespaceRegistry(
  context: ThreadContext,
  config: DynamicConfig,
): Promise<ThreadNamespaceRegistry> {
  const registry = createNamespaceRegistry(context, config);
  await registry.start();
  return registry;
}
