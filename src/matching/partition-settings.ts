// The dynamic settings of one partition, looked up at each use with its namespace, task queue and type. Matching thread.

import type { Setting, SettingConstraints, SettingValue } from '../config/dynamic-config.ts';
import type { PartitionIdentity } from '../runtime/task-queue-partition.ts';
import type { MatchingEnvironment } from './environment.ts';

export type SettingReader = <T extends SettingValue>(setting: Setting<T>) => T;

/** `taskQueue` is the normal queue's name, for sticky queues too. */
export function partitionSettings(
  environment: Pick<MatchingEnvironment, 'dynamicConfig' | 'namespaces'>,
  identity: PartitionIdentity,
  taskQueue: string,
): SettingReader {
  let constraints: SettingConstraints | undefined;
  return (setting) => {
    const namespace = environment.namespaces.byId(identity.namespaceId)?.name;
    if (constraints === undefined || constraints.namespace !== namespace) {
      constraints = { namespace, taskQueue, taskQueueType: identity.taskQueueType };
    }
    return environment.dynamicConfig.get(setting, constraints);
  };
}
