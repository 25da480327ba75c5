// AdminService.GetSearchAttributes: a namespace's own attributes and the system's. Main loop.

import { ListSearchAttributesRequest, ListSearchAttributesResponse } from '#proto/temporal/api/operatorservice/v1';
import { GetSearchAttributesRequest, GetSearchAttributesResponse } from '#proto/temporal/server/api/adminservice/v1';
import { adminRpc } from '../rpc.ts';

export const getSearchAttributes = adminRpc({
  method: 'GetSearchAttributes',
  namespaceRule: 'optional',
  read: GetSearchAttributesRequest.decode,
  handle: async ({ namespace }, call) => {
    const listed = await call.toWorker('ListSearchAttributes', ListSearchAttributesRequest.encode({ namespace }));
    const { customAttributes, systemAttributes } = ListSearchAttributesResponse.decode(listed);
    return GetSearchAttributesResponse.encode({ customAttributes, systemAttributes });
  },
});
