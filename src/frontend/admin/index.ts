// AdminService on the frontend's port: what operators' tools and Temporal's functional suites call. Main loop.

import type { Rpc } from '../rpc.ts';
import { addSearchAttributes } from './add-search-attributes.ts';
import { closeShard } from './close-shard.ts';
import { describeCluster } from './describe-cluster.ts';
import { describeHistoryHost } from './describe-history-host.ts';
import { describeMutableState } from './describe-mutable-state.ts';
import { getNamespace } from './get-namespace.ts';
import { getSearchAttributes } from './get-search-attributes.ts';
import { getShard } from './get-shard.ts';
import { getWorkflowExecutionRawHistory } from './get-workflow-execution-raw-history.ts';
import { getWorkflowExecutionRawHistoryV2 } from './get-workflow-execution-raw-history-v2.ts';
import { importWorkflowExecution } from './import-workflow-execution.ts';
import { listClusters } from './list-clusters.ts';
import { listHistoryTasks } from './list-history-tasks.ts';
import { rebuildMutableState } from './rebuild-mutable-state.ts';
import { refreshWorkflowTasks } from './refresh-workflow-tasks.ts';
import { removeSearchAttributes } from './remove-search-attributes.ts';

export const adminRpcs: readonly Rpc[] = [
  addSearchAttributes,
  closeShard,
  describeCluster,
  describeHistoryHost,
  describeMutableState,
  getNamespace,
  getSearchAttributes,
  getShard,
  getWorkflowExecutionRawHistory,
  getWorkflowExecutionRawHistoryV2,
  importWorkflowExecution,
  listClusters,
  listHistoryTasks,
  rebuildMutableState,
  refreshWorkflowTasks,
  removeSearchAttributes,
] as readonly object[] as readonly Rpc[];
