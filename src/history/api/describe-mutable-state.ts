// Admin: a run's state as memory holds it and as the store has it.

import { DescribeMutableStateRequest, DescribeMutableStateResponse } from '#proto/temporal/server/api/adminservice/v1';
import { mutableState } from '../admin/mutable-state.ts';
import type { ApiHandler } from '../engine.ts';
import { runNotFound, workflowNotFound } from '../errors.ts';
import { Workflow } from '../workflow/workflow.ts';

/**
 * Differs: Temporal drops the run from memory to read it anew, and with it queries, updates and a speculative task. Here a
 * description changes nothing.
 */
export const describeMutableState: ApiHandler = async (engine, shard, api) => {
  const { execution, skipForceReload } = DescribeMutableStateRequest.decode(api.request);
  const { namespaceId } = api;
  const { shardId } = shard;
  const workflowId = execution?.workflowId ?? '';
  const runId = execution?.runId || (await shard.currentRun(namespaceId, workflowId))?.runId;
  if (runId === undefined) throw workflowNotFound(workflowId);
  const cached = shard.cached(namespaceId, workflowId, runId);
  const inMemory = cached && mutableState(cached);
  if (cached !== undefined) await shard.settled(cached);
  let stored = inMemory;
  if (stored === undefined || !skipForceReload) {
    const loaded = await shard.store.loadExecution({ shardId, namespaceId, workflowId, runId });
    if (loaded === undefined) throw runNotFound(workflowId, runId);
    stored = mutableState(Workflow.load(shard, await engine.namespaces.resolveId(namespaceId), loaded));
  }
  return DescribeMutableStateResponse.encode({
    shardId: String(shardId),
    historyAddr: engine.hostName,
    cacheMutableState: inMemory,
    databaseMutableState: stored,
  });
};
