// Namespaces and search attributes that the command line asks for, registered when the server starts. Those that exist stay
// as they are.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import { AddSearchAttributesRequest } from '#proto/temporal/api/operatorservice/v1';
import { RegisterNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode, ServiceError } from '../../base/service-error.ts';
import type { Router } from '../../runtime/router.ts';
import type { WorkerMethod } from '../../runtime/services.ts';
import type { ServerOptions } from './server-options.ts';

/** Of namespaces made here; what `temporal server start-dev` gives its own. */
const RETENTION_MS = 24 * 60 * 60 * 1000;

export async function registerInitialNamespaces(
  router: Router,
  options: Pick<ServerOptions, 'namespaces' | 'searchAttributes'>,
): Promise<void> {
  const call = async (method: WorkerMethod, request: Uint8Array) => {
    try {
      await router.callWorker(method, ApiRequest.encode({ request }));
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code !== GrpcCode.ALREADY_EXISTS) throw error;
    }
  };
  const searchAttributes = new Map(options.searchAttributes.map(({ name, type }) => [name, type]));
  for (const namespace of options.namespaces) {
    await call(
      'RegisterNamespace',
      RegisterNamespaceRequest.encode({
        namespace,
        workflowExecutionRetentionPeriod: RETENTION_MS,
      }),
    );
    if (searchAttributes.size > 0) {
      await call('AddSearchAttributes', AddSearchAttributesRequest.encode({ namespace, searchAttributes }));
    }
  }
}
