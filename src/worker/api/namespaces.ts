// RegisterNamespace, DescribeNamespace, ListNamespaces, UpdateNamespace, DeprecateNamespace: bytes to the namespace domain and back.

import { ApiRequest } from '#proto/ostinato/worker/v1';
import {
  DeprecateNamespaceRequest,
  DeprecateNamespaceResponse,
  DescribeNamespaceRequest,
  DescribeNamespaceResponse,
  ListNamespacesRequest,
  ListNamespacesResponse,
  RegisterNamespaceRequest,
  RegisterNamespaceResponse,
  UpdateNamespaceRequest,
  UpdateNamespaceResponse,
} from '#proto/temporal/api/workflowservice/v1';
import {
  deprecateNamespace,
  describeNamespace,
  listNamespaces,
  registerNamespace,
  updateNamespace,
} from '../../namespace/index.ts';
import { invalidArgument } from '../../proto/service-errors.ts';
import type { Handler } from '../../runtime/service.ts';
import type { WorkerContext } from '../worker-context.ts';

export function registerNamespaceHandler(context: WorkerContext): Handler {
  return async (bytes) => {
    const request = RegisterNamespaceRequest.decode(ApiRequest.decode(bytes).request);
    const { name, id } = await registerNamespace(context.domain, request);
    context.logger.info({ namespace: name, namespaceId: id }, 'registered a namespace');
    return RegisterNamespaceResponse.encode({});
  };
}

/** Reads the store, not the registry: who changed a namespace sees the change. */
export function describeNamespaceHandler(context: WorkerContext): Handler {
  return async (bytes) => {
    const { namespace, id } = DescribeNamespaceRequest.decode(ApiRequest.decode(bytes).request);
    if (namespace === '' && id === '') throw invalidArgument('Namespace not set on request.');
    const record = await context.namespaceStore.get({ name: namespace, id });
    return DescribeNamespaceResponse.encode(describeNamespace(record, context.dynamicConfig));
  };
}

export function listNamespacesHandler(context: WorkerContext): Handler {
  return async (bytes) => {
    const request = ListNamespacesRequest.decode(ApiRequest.decode(bytes).request);
    const { records, nextPageToken } = await listNamespaces(context.namespaceStore, request);
    const namespaces = records.map((record) => describeNamespace(record, context.dynamicConfig));
    return ListNamespacesResponse.encode({ namespaces, nextPageToken });
  };
}

export function updateNamespaceHandler(context: WorkerContext): Handler {
  return async (bytes) => {
    const request = UpdateNamespaceRequest.decode(ApiRequest.decode(bytes).request);
    const record = await updateNamespace(context.domain, request);
    context.logger.info({ namespace: record.name, namespaceId: record.id }, 'updated a namespace');
    return UpdateNamespaceResponse.encode(describeNamespace(record, context.dynamicConfig));
  };
}

export function deprecateNamespaceHandler(context: WorkerContext): Handler {
  return async (bytes) => {
    await deprecateNamespace(context.domain, DeprecateNamespaceRequest.decode(ApiRequest.decode(bytes).request));
    return DeprecateNamespaceResponse.encode({});
  };
}
