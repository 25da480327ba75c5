// The first schema of a history partition. Keys begin with the shard, ids are text, every task has a row.

import type { SchemaStep } from '../../schema-version.ts';

export const historyVersion1: SchemaStep = {
  version: 1,
  minCompatibleVersion: 1,
  summary: 'shards, executions and their parts, current runs, history branches, tasks',
  statements: [
    `CREATE TABLE shards (
      shard_id INTEGER PRIMARY KEY,
      range_id INTEGER NOT NULL,
      owner TEXT NOT NULL,
      info BLOB
    )`,
    `CREATE TABLE executions (
      shard_id INTEGER NOT NULL,
      run_id TEXT NOT NULL,
      namespace_id TEXT NOT NULL,
      workflow_id TEXT NOT NULL,
      state BLOB NOT NULL,
      PRIMARY KEY (shard_id, run_id, namespace_id, workflow_id)
    )`,
    `CREATE TABLE execution_parts (
      shard_id INTEGER NOT NULL,
      run_id TEXT NOT NULL,
      namespace_id TEXT NOT NULL,
      workflow_id TEXT NOT NULL,
      kind INTEGER NOT NULL,
      part_key TEXT NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (shard_id, run_id, namespace_id, workflow_id, kind, part_key)
    )`,
    `CREATE TABLE current_executions (
      shard_id INTEGER NOT NULL,
      namespace_id TEXT NOT NULL,
      workflow_id TEXT NOT NULL,
      run_id TEXT NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (shard_id, namespace_id, workflow_id)
    ) WITHOUT ROWID`,
    `CREATE TABLE history_branches (
      shard_id INTEGER NOT NULL,
      tree_id TEXT NOT NULL,
      branch_id TEXT NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (shard_id, tree_id, branch_id)
    ) WITHOUT ROWID`,
    `CREATE TABLE history_nodes (
      shard_id INTEGER NOT NULL,
      tree_id TEXT NOT NULL,
      branch_id TEXT NOT NULL,
      node_id INTEGER NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (shard_id, tree_id, branch_id, node_id)
    )`,
    `CREATE TABLE tasks (
      shard_id INTEGER NOT NULL,
      category INTEGER NOT NULL,
      fire_time_ms INTEGER NOT NULL,
      task_id INTEGER NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (shard_id, category, fire_time_ms, task_id)
    ) WITHOUT ROWID`,
  ],
};
