// The statements of SqliteExecutionStore: runs, current runs, histories, shards. Ids are bound as id-column.ts has them.

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

const RUN = 'run_id = ? AND namespace_id = ? AND workflow_id = ? AND shard_id = ?';
const WORKFLOW = 'namespace_id = ? AND workflow_id = ? AND shard_id = ?';
const BRANCH = 'tree_id = ? AND branch_id = ? AND shard_id = ?';

export function prepareExecutionStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    rollback: prepare('ROLLBACK'),
    acquireShard: prepare(`INSERT INTO shards (shard_id, range_id, owner) VALUES (?, 1, ?)
      ON CONFLICT (shard_id) DO UPDATE SET range_id = range_id + 1, owner = excluded.owner RETURNING range_id, info`),
    rangeId: single(prepare('SELECT range_id FROM shards WHERE shard_id = ?')),
    shardInfo: prepare('UPDATE shards SET info = ? WHERE shard_id = ?'),
    createState: prepare(`INSERT INTO executions (run_id, namespace_id, workflow_id, shard_id, state)
      VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    updateState: prepare(`UPDATE executions SET state = ? WHERE ${RUN}`),
    deleteState: prepare(`DELETE FROM executions WHERE ${RUN}`),
    state: prepare(`SELECT state FROM executions WHERE ${RUN}`),
    executions: prepare(`SELECT run_id, namespace_id, workflow_id, state FROM executions
      WHERE shard_id = ? AND (run_id, namespace_id, workflow_id) > (?, ?, ?)
      ORDER BY run_id, namespace_id, workflow_id LIMIT ?`),
    putPart: prepare(`INSERT INTO execution_parts
      (run_id, namespace_id, workflow_id, shard_id, kind, part_key, data) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET data = excluded.data`),
    deletePart: prepare(`DELETE FROM execution_parts WHERE ${RUN} AND kind = ? AND part_key = ?`),
    deleteParts: prepare(`DELETE FROM execution_parts WHERE ${RUN}`),
    parts: prepare(`SELECT kind, part_key, data FROM execution_parts WHERE ${RUN} ORDER BY kind, part_key`),
    createCurrent: prepare(`INSERT INTO current_executions (namespace_id, workflow_id, shard_id, run_id, data)
      VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    updateCurrent: prepare(`UPDATE current_executions SET run_id = ?, data = ? WHERE ${WORKFLOW} AND run_id = ?`),
    deleteCurrent: prepare(`DELETE FROM current_executions WHERE ${WORKFLOW} AND run_id = ?`),
    current: prepare(`SELECT run_id, data FROM current_executions WHERE ${WORKFLOW}`),
    putBranch: prepare(
      'INSERT OR REPLACE INTO history_branches (tree_id, branch_id, shard_id, data) VALUES (?, ?, ?, ?)',
    ),
    deleteBranch: prepare(`DELETE FROM history_branches WHERE ${BRANCH}`),
    branches: prepare(`SELECT branch_id, data FROM history_branches WHERE tree_id = ? AND shard_id = ?
      ORDER BY branch_id`),
    putNode: prepare(`INSERT INTO history_nodes (tree_id, branch_id, shard_id, node_id, data)
      VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data`),
    deleteNodes: prepare(`DELETE FROM history_nodes WHERE ${BRANCH} AND node_id >= ?`),
    nodesForward: prepare(
      `SELECT node_id, data FROM history_nodes WHERE ${BRANCH} AND node_id >= ? AND node_id < ? ORDER BY node_id LIMIT ?`,
    ),
    nodesBackward: prepare(
      `SELECT node_id, data FROM history_nodes WHERE ${BRANCH} AND node_id >= ? AND node_id < ? ORDER BY node_id DESC LIMIT ?`,
    ),
  };
}

/**
 * The column of a statement that has one, undefined without a row. For what every commit asks: V8 makes a shape of its own for each row that is an
 * object, 0.4 us.
 */
function single(statement: StatementSync): (...parameters: SQLInputValue[]) => unknown {
  statement.setReturnArrays(true);
  return (...parameters) => (statement.get(...parameters) as unknown as readonly unknown[] | undefined)?.[0];
}
