// Fewer pages per commit: UUIDs as bytes, the shard last in keys, immediate tasks in one row per commit (task-batch.ts).

import { TaskCategory } from '../../execution-store.ts';
import type { SchemaStep } from '../../schema-version.ts';

const HEX = (digits: number): string => '[0-9a-f]'.repeat(digits);
const UUID = [8, 4, 4, 4, 12].map(HEX).join('-');
/** As toIdColumn does. */
const id = (column: string): string =>
  `CASE WHEN ${column} GLOB '${UUID}' THEN unhex(replace(${column}, '-', '')) ELSE ${column} END`;

const SCHEDULED = [TaskCategory.TIMER, TaskCategory.ARCHIVAL].join(', ');

export const historyVersion2: SchemaStep = {
  version: 2,
  minCompatibleVersion: 2,
  summary: 'ids as bytes, keys by run before shard, immediate tasks by the commit',
  statements: [
    ...rebuilt(
      'executions',
      `run_id NOT NULL,
        namespace_id NOT NULL,
        workflow_id NOT NULL,
        shard_id INTEGER NOT NULL,
        state BLOB NOT NULL,
        PRIMARY KEY (run_id, namespace_id, workflow_id, shard_id)`,
      `${id('run_id')}, ${id('namespace_id')}, ${id('workflow_id')}, shard_id, state`,
    ),
    ...rebuilt(
      'execution_parts',
      `run_id NOT NULL,
        namespace_id NOT NULL,
        workflow_id NOT NULL,
        shard_id INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        part_key TEXT NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (run_id, namespace_id, workflow_id, shard_id, kind, part_key)`,
      `${id('run_id')}, ${id('namespace_id')}, ${id('workflow_id')}, shard_id, kind, part_key, data`,
    ),
    ...rebuilt(
      'current_executions',
      `namespace_id NOT NULL,
        workflow_id NOT NULL,
        shard_id INTEGER NOT NULL,
        run_id NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (namespace_id, workflow_id, shard_id)`,
      `${id('namespace_id')}, ${id('workflow_id')}, shard_id, ${id('run_id')}, data`,
    ),
    ...rebuilt(
      'history_branches',
      `tree_id NOT NULL,
        branch_id NOT NULL,
        shard_id INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (tree_id, branch_id, shard_id)`,
      `${id('tree_id')}, ${id('branch_id')}, shard_id, data`,
      'WITHOUT ROWID',
    ),
    ...rebuilt(
      'history_nodes',
      `tree_id NOT NULL,
        branch_id NOT NULL,
        shard_id INTEGER NOT NULL,
        node_id INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY (tree_id, branch_id, shard_id, node_id)`,
      `${id('tree_id')}, ${id('branch_id')}, shard_id, node_id, data`,
    ),
    `CREATE TABLE scheduled_tasks (
      fire_time_ms INTEGER NOT NULL,
      category INTEGER NOT NULL,
      shard_id INTEGER NOT NULL,
      task_id INTEGER NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (fire_time_ms, category, shard_id, task_id)
    )`,
    `INSERT INTO scheduled_tasks SELECT fire_time_ms, category, shard_id, task_id, data FROM tasks
      WHERE category IN (${SCHEDULED})`,
    `CREATE TABLE task_batches (
      category INTEGER NOT NULL,
      shard_id INTEGER NOT NULL,
      first_task_id INTEGER NOT NULL,
      last_task_id INTEGER NOT NULL,
      task_count INTEGER NOT NULL,
      data BLOB NOT NULL,
      PRIMARY KEY (category, shard_id, first_task_id)
    )`,
    `INSERT INTO task_batches SELECT category, shard_id, task_id, task_id, 1, data FROM tasks
      WHERE category NOT IN (${SCHEDULED})`,
    'DROP TABLE tasks',
  ],
};

/** The table with new columns and keys, filled from the old one by `select`, in order of arrival. */
function rebuilt(table: string, columns: string, select: string, options = ''): string[] {
  return [
    `CREATE TABLE ${table}_2 (
        ${columns}
      ) ${options}`,
    `INSERT INTO ${table}_2 SELECT ${select} FROM ${table}`,
    `DROP TABLE ${table}`,
    `ALTER TABLE ${table}_2 RENAME TO ${table}`,
  ];
}
