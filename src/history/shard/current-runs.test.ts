import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CurrentExecution } from '#proto/ostinato/persistence/v1';
import { SettingValues } from '../../config/setting-values.ts';
import type { CurrentExecutionRow, ExecutionStore } from '../../persistence/index.ts';
import { CurrentRuns } from './current-runs.ts';
import type { KnownWorkflows } from './known-workflows.ts';

const NAMESPACE = 'n';

/** Of a shard that keeps four rows in memory; the store has `rows`. */
function currentRuns(rows: Map<string, CurrentExecutionRow>) {
  const store = {
    loadCurrent: (_shardId: number, _namespaceId: string, workflowId: string) => rows.get(workflowId),
  } as unknown as ExecutionStore;
  const workflows = { mayHave: () => true, add: () => {} } as unknown as KnownWorkflows;
  const config = new SettingValues({ 'history.cachemaxsize': [{ value: 1, constraints: {} }] });
  const runs = new CurrentRuns(store, 1, workflows, config);
  return {
    runs,
    lookUp: (workflowId: string) => (runs.find(NAMESPACE, workflowId) as CurrentExecution | undefined)?.runId,
    useOthers: () => {
      for (let i = 0; i < 100; i++) runs.find(NAMESPACE, `other-${i}`);
    },
  };
}

test('a row leaves memory when it is in the store, and not while it is on its way there', () => {
  const rows = new Map<string, CurrentExecutionRow>();
  const { runs, lookUp, useOthers } = currentRuns(rows);
  const owner = { namespaceId: NAMESPACE, workflowId: 'w' };
  runs.set(owner, '', { runId: 'decided' });
  useOthers();
  assert.equal(lookUp('w'), 'decided');
  runs.takeChange(owner);
  useOthers();
  assert.equal(lookUp('w'), 'decided');
  runs.committed();
  rows.set('w', { runId: 'stored', data: CurrentExecution.encode({ runId: 'stored' }) });
  useOthers();
  assert.equal(lookUp('w'), 'stored');
});
