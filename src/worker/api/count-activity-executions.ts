// CountActivityExecutions: activities without a workflow by a list filter, as a whole or per execution status.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import {
  CountActivityExecutionsRequest,
  CountActivityExecutionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { ACTIVITIES, resolveCountFilter } from '../../visibility/index.ts';
import { countExecutions } from '../count-executions.ts';
import { namespaceOf, type WorkerContext } from '../worker-context.ts';

export function countActivityExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request: encoded } = ApiRequest.decode(bytes);
    const request = CountActivityExecutionsRequest.decode(encoded);
    const namespace = await namespaceOf(context, namespaceId, request.namespace);
    const filter = resolveCountFilter(request.query, namespace, ACTIVITIES);
    return CountActivityExecutionsResponse.encode(await countExecutions(context, namespace, filter));
  };
}
