// Commands that reach into another namespace: allowed by setting, and only where both live in the same one cluster.

import type { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { invalidArgument } from '../../../proto/service-errors.ts';

/** Throws INVALID_ARGUMENT. */
export function checkCrossNamespace(own: NamespaceRecord, target: NamespaceRecord, enabled: boolean): void {
  if (own.id === target.id) return;
  if (!enabled) throw invalidArgument('cross namespace commands are not allowed');
  if (!own.isGlobal && !target.isGlobal) return;
  const oneCluster = own.clusters.length === 1 && target.clusters.length === 1;
  if (oneCluster && own.clusters[0] === target.clusters[0]) return;
  throw invalidArgument(`unable to process cross namespace command between ${own.name} and ${target.name}`);
}
