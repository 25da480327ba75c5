// AdminService.GetNamespace: a namespace as it is stored. Main loop.

import { DescribeNamespaceRequest, DescribeNamespaceResponse } from '#proto/temporal/api/workflowservice/v1';
import { GetNamespaceRequest, GetNamespaceResponse } from '#proto/temporal/server/api/adminservice/v1';
import { adminRpc } from '../rpc.ts';

export const getNamespace = adminRpc({
  method: 'GetNamespace',
  namespaceRule: 'nameOrId',
  read: (message) => {
    const { namespace = '', id = '' } = GetNamespaceRequest.decode(message);
    return { namespace, id };
  },
  handle: async (request, call) => {
    const described = await call.toWorker('DescribeNamespace', DescribeNamespaceRequest.encode(request));
    const answer = DescribeNamespaceResponse.decode(described);
    // Capabilities and limits are the server's, not the namespace's: they are not stored.
    const { name, state, description, ownerEmail, data, id } = answer.namespaceInfo ?? {};
    return GetNamespaceResponse.encode({
      info: { name, state, description, ownerEmail, data, id },
      config: answer.config,
      replicationConfig: answer.replicationConfig,
      failoverVersion: answer.failoverVersion,
      isGlobalNamespace: answer.isGlobalNamespace,
      failoverHistory: answer.failoverHistory,
    });
  },
});
