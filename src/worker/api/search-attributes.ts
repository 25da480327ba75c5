// OperatorService's Add, Remove and ListSearchAttributes, and GetSearchAttributes: custom attributes are aliases of pre-allocated
// fields, kept with the namespace. Temporal 1.31 service/frontend/operator_handler.go.

import { ApiRequest, type NamespaceRecord } from '#proto/ostinato/worker/v1';
import { type IndexedValueType, IndexedValueTypeNames } from '#proto/temporal/api/enums/v1';
import {
  AddSearchAttributesRequest,
  AddSearchAttributesResponse,
  ListSearchAttributesRequest,
  ListSearchAttributesResponse,
  RemoveSearchAttributesRequest,
  RemoveSearchAttributesResponse,
} from '#proto/temporal/api/operatorservice/v1';
import { GetSearchAttributesResponse, UpdateNamespaceRequest } from '#proto/temporal/api/workflowservice/v1';
import { ServiceError } from '../../base/service-error.ts';
import { FIELD_ALREADY_ALLOCATED, updateNamespace } from '../../namespace/index.ts';
import { invalidArgument, unavailable } from '../../proto/service-errors.ts';
import type { Handler } from '../../runtime/service.ts';
import {
  CUSTOM_FIELDS,
  fieldOfAlias,
  fieldType,
  isReserved,
  PREDEFINED_ATTRIBUTES,
  SYSTEM_ATTRIBUTES,
} from '../../visibility/index.ts';
import type { WorkerContext } from '../worker-context.ts';

export function addSearchAttributes(context: WorkerContext): Handler {
  return async (bytes) => {
    const request = AddSearchAttributesRequest.decode(ApiRequest.decode(bytes).request);
    checkAdded(request.searchAttributes);
    const namespace = await describedNamespace(context, request.namespace);
    const aliases = newAliases(context, namespace, request.searchAttributes);
    if (aliases.size > 0) await saveAliases(context, namespace.name, aliases);
    return AddSearchAttributesResponse.encode({});
  };
}

function checkAdded(attributes: ReadonlyMap<string, IndexedValueType>): void {
  if (attributes.size === 0) throw invalidArgument('SearchAttributes are not set on request.');
  for (const [name, type] of attributes) {
    if (isReserved(name)) throw invalidArgument(`Search attribute ${name} is reserved by system.`);
    if (!IndexedValueTypeNames.has(type)) throw invalidArgument(`Unknown search attribute type: ${type}.`);
  }
}

/** Field to alias for those that the namespace does not have. */
function newAliases(
  context: WorkerContext,
  namespace: NamespaceRecord,
  attributes: ReadonlyMap<string, IndexedValueType>,
): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  for (const [name, type] of attributes) {
    if (fieldOfAlias(namespace, name) !== undefined) {
      context.logger.warn({ namespace: namespace.name, searchAttribute: name }, 'the search attribute exists already');
      continue;
    }
    const fields = [...CUSTOM_FIELDS].filter(([, fieldType]) => fieldType === type).map(([field]) => field);
    const free = fields.find((field) => !namespace.customSearchAttributeAliases.has(field) && !aliases.has(field));
    if (free === undefined) {
      const typeName = IndexedValueTypeNames.get(type);
      throw invalidArgument(
        `Unable to create search attributes: cannot have more than ${fields.length} search attribute of type ${typeName}.`,
      );
    }
    aliases.set(free, name);
  }
  return aliases;
}

export function removeSearchAttributes(context: WorkerContext): Handler {
  return async (bytes) => {
    const request = RemoveSearchAttributesRequest.decode(ApiRequest.decode(bytes).request);
    if (request.searchAttributes.length === 0) throw invalidArgument('SearchAttributes are not set on request.');
    const namespace = await describedNamespace(context, request.namespace);
    const aliases = new Map<string, string>();
    for (const name of request.searchAttributes) {
      const field = fieldOfAlias(namespace, name);
      if (field !== undefined) aliases.set(field, '');
      else if (fieldType(name) !== undefined) {
        throw invalidArgument(`Unable to remove non-custom search attributes: ${name}.`);
      }
    }
    if (aliases.size > 0) await saveAliases(context, namespace.name, aliases);
    return RemoveSearchAttributesResponse.encode({});
  };
}

export function listSearchAttributes(context: WorkerContext): Handler {
  return async (bytes) => {
    const request = ListSearchAttributesRequest.decode(ApiRequest.decode(bytes).request);
    const namespace = await describedNamespace(context, request.namespace);
    const customAttributes = new Map<string, IndexedValueType>();
    for (const [field, alias] of namespace.customSearchAttributeAliases) {
      const type = CUSTOM_FIELDS.get(field);
      if (type !== undefined) customAttributes.set(alias, type);
    }
    const systemAttributes = new Map([...SYSTEM_ATTRIBUTES, ...PREDEFINED_ATTRIBUTES]);
    return ListSearchAttributesResponse.encode({ customAttributes, systemAttributes });
  };
}

/** Of the cluster, not of a namespace: custom attributes appear as their fields. */
export function getSearchAttributes(): Handler {
  const keys = new Map([...SYSTEM_ATTRIBUTES, ...PREDEFINED_ATTRIBUTES, ...CUSTOM_FIELDS]);
  const response = GetSearchAttributesResponse.encode({ keys });
  return () => response;
}

async function describedNamespace(context: WorkerContext, name: string): Promise<NamespaceRecord> {
  if (name === '') throw invalidArgument('Namespace is not set on request.');
  try {
    return await context.namespaceStore.get({ name, id: '' });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw unavailable(`Unable to get namespace ${name} info with error: ${error.message}`);
  }
}

async function saveAliases(
  context: WorkerContext,
  namespace: string,
  customSearchAttributeAliases: ReadonlyMap<string, string>,
): Promise<void> {
  const request = UpdateNamespaceRequest.decode(
    UpdateNamespaceRequest.encode({ namespace, config: { customSearchAttributeAliases } }),
  );
  try {
    await updateNamespace(context.domain, request);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.message === FIELD_ALREADY_ALLOCATED) {
      throw unavailable('Generated search attributes mapping unavailable.');
    }
    throw unavailable(`Unable to save search attributes: ${error.message}.`);
  }
}
