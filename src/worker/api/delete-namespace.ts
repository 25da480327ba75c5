// OperatorService.DeleteNamespace: the namespace is deleted and renamed at once, so that its name is free; what it holds goes in the
// background. Temporal 1.31 service/worker/deletenamespace.

import { ApiRequest, type NamespaceRecord } from '#proto/ostinato/worker/v1';
import { NamespaceState } from '#proto/temporal/api/enums/v1';
import { DeleteNamespaceRequest, DeleteNamespaceResponse } from '#proto/temporal/api/operatorservice/v1';
import { SYSTEM_NAMESPACE_ID } from '../../namespace/index.ts';
import { failedPrecondition, internal, invalidArgument } from '../../proto/service-errors.ts';
import type { Handler } from '../../runtime/service.ts';
import { DELETE_NAMESPACE_DELAY, PROTECTED_NAMESPACES } from '../settings.ts';
import type { WorkerContext } from '../worker-context.ts';

/** Characters of the id behind `-deleted-`; more when such a name exists. */
const SHORTEST_SUFFIX = 5;

export function deleteNamespace(context: WorkerContext): Handler {
  return async (bytes) => {
    const request = DeleteNamespaceRequest.decode(ApiRequest.decode(bytes).request);
    const { namespace: name, namespaceId: id } = request;
    if (name === '' && id === '') throw invalidArgument('Namespace not set on request.');
    if (name !== '' && id !== '') throw invalidArgument('Only one of namespace name or Id should be set on request.');
    const record = await context.namespaceStore.get({ name, id });
    checkDeletable(context, record);
    const deletedName = await nameOfDeleted(context, record);
    const deleted = await context.namespaceStore.update(record.name, (stored) => ({
      ...stored,
      name: deletedName,
      state: NamespaceState.DELETED,
    }));
    const { dynamicConfig, deleter, logger } = context;
    logger.info({ namespace: record.name, namespaceId: record.id, deletedName }, 'deleting a namespace');
    deleter.begin(deleted, request.namespaceDeleteDelay ?? dynamicConfig.get(DELETE_NAMESPACE_DELAY));
    return DeleteNamespaceResponse.encode({ deletedNamespace: deletedName });
  };
}

function checkDeletable(context: WorkerContext, record: NamespaceRecord): void {
  const { cluster, dynamicConfig } = context;
  if (record.id === SYSTEM_NAMESPACE_ID) throw failedPrecondition('unable to delete system namespace');
  if (record.clusters.includes(cluster.name) && record.activeCluster !== cluster.name) {
    throw failedPrecondition(
      `namespace ${record.name} is passive in current cluster ${cluster.name}: remove cluster ${cluster.name} from ` +
        'cluster list or make namespace active in this cluster and retry',
    );
  }
  const isProtected = dynamicConfig
    .get(PROTECTED_NAMESPACES)
    .split(',')
    .some((name) => name.trim() === record.name);
  if (isProtected) throw failedPrecondition(`namespace ${record.name} is protected from deletion`);
}

async function nameOfDeleted(context: WorkerContext, record: NamespaceRecord): Promise<string> {
  for (let length = SHORTEST_SUFFIX; length < record.id.length; length++) {
    const suffix = `-deleted-${record.id.slice(0, length)}`;
    if (record.name.endsWith(suffix)) return record.name;
    if ((await context.namespaceStore.byName(record.name + suffix)) === undefined) return record.name + suffix;
  }
  throw internal(
    `unable to generate new name for deleted namespace ${record.name}. ID ${JSON.stringify(record.id)} is not unique`,
  );
}
