// AdminService.AddSearchAttributes: as OperatorService's, but a name that is taken is an error. Main loop.

import {
  ListSearchAttributesRequest,
  ListSearchAttributesResponse,
  AddSearchAttributesRequest as OperatorRequest,
} from '#proto/temporal/api/operatorservice/v1';
import { AddSearchAttributesRequest, AddSearchAttributesResponse } from '#proto/temporal/server/api/adminservice/v1';
import { alreadyExists } from '../../proto/service-errors.ts';
import { adminRpc } from '../rpc.ts';

export const addSearchAttributes = adminRpc({
  method: 'AddSearchAttributes',
  namespaceRule: 'optional',
  read: AddSearchAttributesRequest.decode,
  handle: async ({ namespace, searchAttributes }, call) => {
    if (namespace !== '' && searchAttributes.size !== 0) {
      const listed = await call.toWorker('ListSearchAttributes', ListSearchAttributesRequest.encode({ namespace }));
      const { customAttributes } = ListSearchAttributesResponse.decode(listed);
      const taken = [...searchAttributes.keys()].find((name) => customAttributes.has(name));
      if (taken !== undefined) throw alreadyExists(`Search attribute ${taken} already exists.`);
    }
    await call.toWorker('AddSearchAttributes', OperatorRequest.encode({ namespace, searchAttributes }));
    return AddSearchAttributesResponse.encode({});
  },
});
