// ExecutionStore on SQLite: one partition file, owned by one history thread, every answer given at once. A batch is one
// transaction and one fsync; the range id is checked inside it.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { decodePageKey, encodePageKey } from '../execution-page-key.ts';
import type {
  BranchRow,
  CurrentExecutionRow,
  ExecutionKey,
  ExecutionMutation,
  ExecutionStore,
  HistoryNode,
  HistoryPage,
  LoadedExecution,
  PartKind,
  ReadHistory,
  ShardCommit,
  StoredTask,
  TaskCategory,
  TaskKey,
} from '../execution-store.ts';
import { checkTaskKey, currentDiffers, runExists, runMissing } from '../folded-commit.ts';
import { planBranchNodeDeletion } from '../shared-branch-nodes.ts';
import { ShardFencedError } from '../store-errors.ts';
import { storeError } from './open-database.ts';

type Row = Record<string, unknown>;

export class SqliteExecutionStore implements ExecutionStore {
  private readonly database: DatabaseSync;
  private readonly statements: ReturnType<typeof prepareStatements>;
  private closed = false;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.statements = prepareStatements(database);
  }

  acquireShard(shardId: number, owner: string) {
    const row = this.attempt(`acquire shard ${shardId}`, () => this.statements.acquireShard.get(shardId, owner)) as Row;
    return { rangeId: row.range_id as number, shardInfo: (row.info ?? undefined) as Uint8Array | undefined };
  }

  commit(batch: readonly ShardCommit[]): void {
    this.attempt('commit', () => {
      this.statements.begin.run();
      try {
        for (const { shardId, rangeId } of batch) {
          if (this.statements.rangeId.get(shardId)?.range_id !== rangeId) throw new ShardFencedError(shardId, rangeId);
        }
        for (const shardCommit of batch) this.writeShard(shardCommit);
        this.statements.commit.run();
      } catch (error) {
        if (this.database.isTransaction) this.statements.rollback.run();
        throw error;
      }
    });
  }

  loadExecution(key: ExecutionKey): LoadedExecution | undefined {
    return this.attempt(`load run ${key.runId}`, () => {
      const { shardId, runId, namespaceId, workflowId } = key;
      const row = this.statements.state.get(shardId, runId, namespaceId, workflowId);
      if (row === undefined) return undefined;
      const parts = this.statements.parts.all(shardId, runId, namespaceId, workflowId).map((part: Row) => ({
        kind: part.kind as PartKind,
        key: part.part_key as string,
        data: part.data as Uint8Array,
      }));
      return { state: row.state as Uint8Array, parts };
    });
  }

  loadCurrent(shardId: number, namespaceId: string, workflowId: string): CurrentExecutionRow | undefined {
    return this.attempt(`load current run of ${workflowId}`, () => {
      const row = this.statements.current.get(shardId, namespaceId, workflowId);
      return row === undefined ? undefined : { runId: row.run_id as string, data: row.data as Uint8Array };
    });
  }

  readHistory(request: ReadHistory): HistoryPage {
    return this.attempt(`read history ${request.treeId}`, () => {
      const { shardId, treeId, limit, reverse } = request;
      const statement = reverse ? this.statements.nodesBackward : this.statements.nodesForward;
      const nodes: HistoryNode[] = [];
      for (const { branchId, minNodeId, endNodeId } of reverse ? request.segments.toReversed() : request.segments) {
        const from = Math.max(minNodeId, request.minNodeId);
        const end = Math.min(endNodeId, request.endNodeId);
        if (from >= end) continue;
        // One more than asked for tells whether there are more.
        for (const row of statement.all(shardId, treeId, branchId, from, end, limit + 1 - nodes.length)) {
          nodes.push({ treeId, branchId, nodeId: row.node_id as number, data: row.data as Uint8Array });
        }
        if (nodes.length > limit) return { nodes: nodes.slice(0, limit), hasMore: true };
      }
      return { nodes, hasMore: false };
    });
  }

  listBranches(shardId: number, treeId: string): readonly BranchRow[] {
    return this.attempt(`list branches of ${treeId}`, () => this.branchesOf(shardId, treeId));
  }

  readTasks(shardId: number, category: TaskCategory, from: TaskKey, to: TaskKey, limit: number): readonly StoredTask[] {
    return this.attempt(`read tasks of shard ${shardId}`, () =>
      this.statements.tasks
        .all(shardId, category, from.fireTimeMs, from.taskId, to.fireTimeMs, to.taskId, limit)
        .map((row: Row) => ({
          fireTimeMs: row.fire_time_ms as number,
          taskId: row.task_id as number,
          data: row.data as Uint8Array,
        })),
    );
  }

  listExecutions(shardId: number, afterKey: string, limit: number) {
    return this.attempt(`list executions of shard ${shardId}`, () => {
      const after = decodePageKey(afterKey);
      const rows: Row[] = this.statements.executions.all(
        shardId,
        after.runId,
        after.namespaceId,
        after.workflowId,
        limit + 1,
      );
      const executions = rows.slice(0, limit).map((row) => ({
        shardId,
        runId: row.run_id as string,
        namespaceId: row.namespace_id as string,
        workflowId: row.workflow_id as string,
        state: row.state as Uint8Array,
      }));
      const last = executions.at(-1);
      return { executions, nextKey: rows.length > limit && last !== undefined ? encodePageKey(last) : '' };
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.database.close();
  }

  private attempt<T>(what: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw storeError(what, error);
    }
  }

  private writeShard(commit: ShardCommit): void {
    const { shardId } = commit;
    const statements = this.statements;
    for (const { category, from, to } of commit.taskDeletes) {
      statements.deleteTasks.run(shardId, category, from.fireTimeMs, from.taskId, to.fireTimeMs, to.taskId);
    }
    for (const mutation of commit.executions) this.writeMutation(shardId, mutation);
    // Last, when all branches that still read shared nodes are known.
    for (const mutation of commit.executions) {
      for (const branch of mutation.deletedBranches) this.deleteBranch(shardId, branch);
    }
    if (commit.shardInfo !== undefined) statements.shardInfo.run(commit.shardInfo, shardId);
  }

  private writeMutation(shardId: number, mutation: ExecutionMutation): void {
    const statements = this.statements;
    const { runId, namespaceId, workflowId } = mutation;
    switch (mutation.kind) {
      case 'create':
        if (statements.createState.run(shardId, runId, namespaceId, workflowId, mutation.state).changes === 0) {
          throw runExists(mutation);
        }
        this.writeParts(shardId, mutation);
        break;
      case 'update':
        if (statements.updateState.run(mutation.state, shardId, runId, namespaceId, workflowId).changes === 0) {
          throw runMissing(mutation);
        }
        this.writeParts(shardId, mutation);
        break;
      case 'delete':
        statements.deleteState.run(shardId, runId, namespaceId, workflowId);
        statements.deleteParts.run(shardId, runId, namespaceId, workflowId);
        break;
    }
    for (const branch of mutation.newBranches) {
      statements.putBranch.run(shardId, branch.treeId, branch.branchId, branch.data);
    }
    for (const node of mutation.historyNodes) {
      statements.putNode.run(shardId, node.treeId, node.branchId, node.nodeId, node.data);
    }
    if (mutation.current !== undefined) this.writeCurrent(shardId, mutation, mutation.current);
    for (const task of mutation.tasks) {
      checkTaskKey(task);
      statements.putTask.run(shardId, task.category, task.fireTimeMs, task.taskId, task.data);
    }
  }

  private writeParts(shardId: number, mutation: ExecutionMutation): void {
    const { runId, namespaceId, workflowId } = mutation;
    for (const { kind, key, data } of mutation.parts) {
      if (data === null) this.statements.deletePart.run(shardId, runId, namespaceId, workflowId, kind, key);
      else this.statements.putPart.run(shardId, runId, namespaceId, workflowId, kind, key, data);
    }
  }

  private writeCurrent(
    shardId: number,
    { namespaceId, workflowId }: ExecutionMutation,
    { expectedRunId, row }: NonNullable<ExecutionMutation['current']>,
  ): void {
    const statements = this.statements;
    let matched: boolean;
    if (expectedRunId === '') {
      matched =
        row === null
          ? statements.current.get(shardId, namespaceId, workflowId) === undefined
          : statements.createCurrent.run(shardId, namespaceId, workflowId, row.runId, row.data).changes === 1;
    } else if (row === null) {
      matched = statements.deleteCurrent.run(shardId, namespaceId, workflowId, expectedRunId).changes === 1;
    } else {
      matched =
        statements.updateCurrent.run(row.runId, row.data, shardId, namespaceId, workflowId, expectedRunId).changes ===
        1;
    }
    if (matched) return;
    const actual = statements.current.get(shardId, namespaceId, workflowId)?.run_id as string | undefined;
    throw currentDiffers(workflowId, expectedRunId, actual ?? '');
  }

  private deleteBranch(shardId: number, branch: BranchRow): void {
    this.statements.deleteBranch.run(shardId, branch.treeId, branch.branchId);
    const remaining = this.branchesOf(shardId, branch.treeId);
    for (const { branchId, fromNodeId } of planBranchNodeDeletion(remaining, [branch])) {
      this.statements.deleteNodes.run(shardId, branch.treeId, branchId, fromNodeId);
    }
  }

  private branchesOf(shardId: number, treeId: string): BranchRow[] {
    return this.statements.branches.all(shardId, treeId).map((row: Row) => ({
      treeId,
      branchId: row.branch_id as string,
      data: row.data as Uint8Array,
    }));
  }
}

const RUN = 'shard_id = ? AND run_id = ? AND namespace_id = ? AND workflow_id = ?';
const WORKFLOW = 'shard_id = ? AND namespace_id = ? AND workflow_id = ?';
const TASK_RANGE = `shard_id = ? AND category = ?
  AND (fire_time_ms, task_id) >= (?, ?) AND (fire_time_ms, task_id) < (?, ?)`;
const NODE_RANGE = 'shard_id = ? AND tree_id = ? AND branch_id = ? AND node_id >= ? AND node_id < ?';

function prepareStatements(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    begin: prepare('BEGIN IMMEDIATE'),
    commit: prepare('COMMIT'),
    rollback: prepare('ROLLBACK'),
    acquireShard: prepare(`INSERT INTO shards (shard_id, range_id, owner) VALUES (?, 1, ?)
      ON CONFLICT (shard_id) DO UPDATE SET range_id = range_id + 1, owner = excluded.owner RETURNING range_id, info`),
    rangeId: prepare('SELECT range_id FROM shards WHERE shard_id = ?'),
    shardInfo: prepare('UPDATE shards SET info = ? WHERE shard_id = ?'),
    createState: prepare(`INSERT INTO executions (shard_id, run_id, namespace_id, workflow_id, state)
      VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    updateState: prepare(`UPDATE executions SET state = ? WHERE ${RUN}`),
    deleteState: prepare(`DELETE FROM executions WHERE ${RUN}`),
    state: prepare(`SELECT state FROM executions WHERE ${RUN}`),
    executions: prepare(`SELECT run_id, namespace_id, workflow_id, state FROM executions
      WHERE shard_id = ? AND (run_id, namespace_id, workflow_id) > (?, ?, ?)
      ORDER BY run_id, namespace_id, workflow_id LIMIT ?`),
    putPart: prepare(`INSERT INTO execution_parts
      (shard_id, run_id, namespace_id, workflow_id, kind, part_key, data) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET data = excluded.data`),
    deletePart: prepare(`DELETE FROM execution_parts WHERE ${RUN} AND kind = ? AND part_key = ?`),
    deleteParts: prepare(`DELETE FROM execution_parts WHERE ${RUN}`),
    parts: prepare(`SELECT kind, part_key, data FROM execution_parts WHERE ${RUN} ORDER BY kind, part_key`),
    createCurrent: prepare(`INSERT INTO current_executions (shard_id, namespace_id, workflow_id, run_id, data)
      VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`),
    updateCurrent: prepare(`UPDATE current_executions SET run_id = ?, data = ? WHERE ${WORKFLOW} AND run_id = ?`),
    deleteCurrent: prepare(`DELETE FROM current_executions WHERE ${WORKFLOW} AND run_id = ?`),
    current: prepare(`SELECT run_id, data FROM current_executions WHERE ${WORKFLOW}`),
    putBranch: prepare(
      'INSERT OR REPLACE INTO history_branches (shard_id, tree_id, branch_id, data) VALUES (?, ?, ?, ?)',
    ),
    deleteBranch: prepare('DELETE FROM history_branches WHERE shard_id = ? AND tree_id = ? AND branch_id = ?'),
    branches: prepare(`SELECT branch_id, data FROM history_branches WHERE shard_id = ? AND tree_id = ?
      ORDER BY branch_id`),
    putNode: prepare(`INSERT INTO history_nodes (shard_id, tree_id, branch_id, node_id, data)
      VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET data = excluded.data`),
    deleteNodes: prepare(`DELETE FROM history_nodes
      WHERE shard_id = ? AND tree_id = ? AND branch_id = ? AND node_id >= ?`),
    nodesForward: prepare(`SELECT node_id, data FROM history_nodes WHERE ${NODE_RANGE} ORDER BY node_id LIMIT ?`),
    nodesBackward: prepare(`SELECT node_id, data FROM history_nodes WHERE ${NODE_RANGE} ORDER BY node_id DESC LIMIT ?`),
    putTask: prepare(`INSERT OR REPLACE INTO tasks (shard_id, category, fire_time_ms, task_id, data)
      VALUES (?, ?, ?, ?, ?)`),
    deleteTasks: prepare(`DELETE FROM tasks WHERE ${TASK_RANGE}`),
    tasks: prepare(`SELECT fire_time_ms, task_id, data FROM tasks WHERE ${TASK_RANGE}
      ORDER BY fire_time_ms, task_id LIMIT ?`),
  };
}
