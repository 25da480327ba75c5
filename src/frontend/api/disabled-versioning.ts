// The first two kinds of worker versioning: deprecated, and off by default in Temporal 1.31, whose refusal this is. Main loop.

import { permissionDenied } from '../../proto/service-errors.ts';
import { readNamespace } from '../read-namespace.ts';
import { type Rpc, workflowRpc } from '../rpc.ts';

const BY_VERSION_SETS = 'Worker versioning v0.1 (Version Set-based, deprecated) is disabled on this namespace.';
const BY_RULES = 'Worker versioning v0.2 (Rules-based, deprecated) is disabled on this namespace.';

function disabled(method: string, message: string): Rpc {
  return workflowRpc({
    method,
    read: readNamespace,
    handle: () => {
      throw permissionDenied(message);
    },
  });
}

export const disabledVersioningRpcs: readonly Rpc[] = [
  disabled('UpdateWorkerBuildIdCompatibility', BY_VERSION_SETS),
  disabled('GetWorkerBuildIdCompatibility', BY_VERSION_SETS),
  disabled('UpdateWorkerVersioningRules', BY_RULES),
  disabled('GetWorkerVersioningRules', BY_RULES),
  disabled('GetWorkerTaskReachability', BY_RULES),
];
