// Decides which nodes go when history branches are deleted. Branches of a tree share the nodes below their fork points, so a
// node lives as long as any registered branch reads it. Called inside commits by every backend, on the history thread.

import { HistoryBranch } from '#proto/ostinato/persistence/v1';
import type { BranchRow } from './execution-store.ts';

/** Nodes of one branch to delete: those with nodeId >= fromNodeId. */
export interface BranchNodeDeletion {
  readonly branchId: string;
  readonly fromNodeId: number;
}

/**
 * For one tree. `remaining` are the branches registered once the deletion has happened. An ancestor that was deleted earlier
 * while others still read from it leaves its nodes behind; they go here, with the last branch that read them.
 */
export function planBranchNodeDeletion(
  remaining: readonly BranchRow[],
  deleted: readonly BranchRow[],
): BranchNodeDeletion[] {
  const registered = new Set(remaining.map((row) => row.branchId));
  const orphans = new Set<string>();
  for (const row of deleted) {
    orphans.add(row.branchId);
    for (const ancestor of HistoryBranch.decode(row.data).ancestors) orphans.add(ancestor.branchId);
  }
  const readBelow = new Map<string, number>();
  for (const row of remaining) {
    for (const ancestor of HistoryBranch.decode(row.data).ancestors) {
      readBelow.set(ancestor.branchId, Math.max(readBelow.get(ancestor.branchId) ?? 0, ancestor.endNodeId));
    }
  }
  return [...orphans]
    .filter((branchId) => !registered.has(branchId))
    .map((branchId) => ({ branchId, fromNodeId: readBelow.get(branchId) ?? 0 }));
}
