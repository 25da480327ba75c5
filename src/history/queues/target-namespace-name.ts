import { ServiceError } from '../../base/service-error.ts';
import type { HistoryEngine } from '../engine.ts';

/** The name of the namespace that a command aims at: the command may name none. That given, once the namespace is gone. */
export async function targetNamespaceName(
  engine: HistoryEngine,
  target: { readonly namespaceId: string; readonly namespace: string },
): Promise<string> {
  try {
    return (await engine.namespaces.resolveId(target.namespaceId)).name;
  } catch (error) {
    if (error instanceof ServiceError && error.is('temporal.api.errordetails.v1.NamespaceNotFoundFailure')) {
      return target.namespace;
    }
    throw error;
  }
}
