// CountWorkflowExecutions: by a list filter, as a whole or per execution status.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import {
  CountWorkflowExecutionsRequest,
  CountWorkflowExecutionsResponse,
} from '#proto/temporal/api/workflowservice/v1';
import type { Handler } from '../../runtime/service.ts';
import { resolveCountFilter } from '../../visibility/index.ts';
import { countExecutions } from '../count-executions.ts';
import { namespaceOf, type WorkerContext } from '../worker-context.ts';

export function countWorkflowExecutions(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespaceId, request: encoded } = ApiRequest.decode(bytes);
    const request = CountWorkflowExecutionsRequest.decode(encoded);
    const namespace = await namespaceOf(context, namespaceId, request.namespace);
    const filter = resolveCountFilter(request.query, namespace);
    return CountWorkflowExecutionsResponse.encode(await countExecutions(context, namespace, filter));
  };
}
