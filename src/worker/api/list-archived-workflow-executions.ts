// ListArchivedWorkflowExecutions: the cluster has no archive, and says so.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import { ListArchivedWorkflowExecutionsRequest } from '#proto/temporal/api/workflowservice/v1';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Handler } from '../../runtime/service.ts';
import { VISIBILITY_ARCHIVAL_QUERY_MAX_PAGE_SIZE } from '../settings.ts';
import type { WorkerContext } from '../worker-context.ts';

export function listArchivedWorkflowExecutions(context: WorkerContext): Handler {
  return (bytes) => {
    const { pageSize } = ListArchivedWorkflowExecutionsRequest.decode(ApiRequest.decode(bytes).request);
    const maximum = context.dynamicConfig.get(VISIBILITY_ARCHIVAL_QUERY_MAX_PAGE_SIZE);
    if (pageSize > maximum) throw invalidArgument(`PageSize is larger than allowed ${maximum}.`);
    throw invalidArgument('Cluster is not configured for visibility archival.');
  };
}
