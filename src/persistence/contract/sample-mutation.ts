// Builds the changes that the execution store's contract suite commits.

import { HistoryBranch } from '#proto/ostinato/persistence/v1';
import type { BranchRow, ExecutionKey, ExecutionMutation, HistoryNode, ShardCommit } from '../execution-store.ts';
import { bytes } from './contract-backend.ts';

export type MutationExtras = Partial<
  Omit<ExecutionMutation, 'namespaceId' | 'workflowId' | 'runId' | 'kind' | 'state'>
>;

export function mutation(
  kind: ExecutionMutation['kind'],
  key: ExecutionKey,
  state: string,
  extras: MutationExtras = {},
): ExecutionMutation {
  return {
    namespaceId: key.namespaceId,
    workflowId: key.workflowId,
    runId: key.runId,
    kind,
    state: bytes(state),
    parts: [],
    historyNodes: [],
    newBranches: [],
    deletedBranches: [],
    tasks: [],
    ...extras,
  };
}

export function shardCommit(
  shardId: number,
  rangeId: number,
  executions: readonly ExecutionMutation[],
  extras: Partial<Pick<ShardCommit, 'shardInfo' | 'taskDeletes'>> = {},
): ShardCommit {
  return { shardId, rangeId, executions, taskDeletes: [], ...extras };
}

export function branch(
  treeId: string,
  branchId: string,
  ancestors: readonly { branchId: string; beginNodeId: number; endNodeId: number }[] = [],
): BranchRow {
  return { treeId, branchId, data: HistoryBranch.encode({ treeId, branchId, ancestors: [...ancestors] }) };
}

export function node(treeId: string, branchId: string, nodeId: number, data = `${branchId}:${nodeId}`): HistoryNode {
  return { treeId, branchId, nodeId, data: bytes(data) };
}
