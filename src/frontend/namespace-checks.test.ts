// What the frontend refuses of calls about a namespace, with Temporal's codes and words, method by method. Each row is a valid request with one fault.

import * as api from '#proto/temporal/api/workflowservice/v1';
import { refuses } from './testing/refuses.ts';

for (const [method, codec] of [
  ['UpdateNamespace', api.UpdateNamespaceRequest],
  ['DeprecateNamespace', api.DeprecateNamespaceRequest],
] as const) {
  refuses<object>(method, codec, { namespace: 'default' }, [
    { fault: 'no namespace', change: { namespace: '' }, message: 'Namespace not set on request.' },
  ]);
}
