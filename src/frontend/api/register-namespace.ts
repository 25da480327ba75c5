// RegisterNamespace. The namespace is usable once this is answered: a registry that does not know it yet asks. Main loop.

import { RegisterNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { checkIdLength } from '../checks/text-length.ts';
import { workflowRpc } from '../rpc.ts';

export const registerNamespace = workflowRpc({
  method: 'RegisterNamespace',
  namespaceRule: 'named',
  read: RegisterNamespaceRequest.decode,
  handle: (request, call) => {
    checkIdLength(call, request.namespace, 'Namespace length exceeds limit.');
    return call.toWorker('RegisterNamespace');
  },
});
