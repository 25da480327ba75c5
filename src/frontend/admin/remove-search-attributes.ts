// AdminService.RemoveSearchAttributes: as OperatorService's. Main loop.

import { RemoveSearchAttributesRequest as OperatorRequest } from '#proto/temporal/api/operatorservice/v1';
import {
  RemoveSearchAttributesRequest,
  RemoveSearchAttributesResponse,
} from '#proto/temporal/server/api/adminservice/v1';
import { adminRpc } from '../rpc.ts';

export const removeSearchAttributes = adminRpc({
  method: 'RemoveSearchAttributes',
  namespaceRule: 'optional',
  read: RemoveSearchAttributesRequest.decode,
  handle: async ({ namespace, searchAttributes }, call) => {
    await call.toWorker('RemoveSearchAttributes', OperatorRequest.encode({ namespace, searchAttributes }));
    return RemoveSearchAttributesResponse.encode({});
  },
});
