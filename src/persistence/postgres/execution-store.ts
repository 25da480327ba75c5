// ExecutionStore on PostgreSQL. A batch is one call of ostinato_commit_v1, entries of the journal one of ostinato_append_entry_v1 each: one round
// trip, one transaction, the range ids checked in it. Only a batch that deletes history branches takes more, to see who else reads their
// nodes. History thread.

import { decodePageKey, encodePageKey } from '../execution-page-key.ts';
import type {
  BranchRow,
  CurrentExecutionRow,
  ExecutionKey,
  HistoryPage,
  LoadedExecution,
  PartKind,
  ReadHistory,
  ShardCommit,
  StoredTask,
  TaskCategory,
  TaskKey,
  WorkflowKey,
} from '../execution-store.ts';
import { type FoldedCommit, foldCommits } from '../folded-commit.ts';
import type { AppliedEntries, JournalBackend, NewEntry, ShardJournal } from '../journal/journal-backend.ts';
import { EntriesTakenError } from '../journal/journal-backend.ts';
import { planBranchNodeDeletion } from '../shared-branch-nodes.ts';
import { ConditionFailedError, ShardFencedError } from '../store-errors.ts';
import { ArrayLiteral, fromStoredText, toStoredText } from './array-literal.ts';
import { errorDetail, type PostgresClient, type Query, type Row, sqlState } from './client.ts';
import { COMMIT_STATEMENT, commitParameters } from './commit-parameters.ts';
import {
  appendStatement,
  COMMIT_WITH_ENTRIES_STATEMENT,
  entryParameters,
  infoParameters,
  PUT_INFOS,
  positionParameters,
  TAKE_ENTRIES,
} from './journal-parameters.ts';

/**
 * Commits, of which one is in flight at a time, have a connection of their own: always the same backend, whose plans and caches are warm, and
 * no read that a commit would wait behind.
 */
export interface ExecutionClients {
  readonly commits: PostgresClient;
  /** For the tables that follow the journal, also one that stays warm. */
  readonly catchUps: PostgresClient;
  readonly reads: PostgresClient;
}

export class PostgresExecutionStore implements JournalBackend {
  private readonly commits: PostgresClient;
  private readonly catchUps: PostgresClient;
  private readonly client: PostgresClient;

  constructor({ commits, catchUps, reads }: ExecutionClients) {
    this.commits = commits;
    this.catchUps = catchUps;
    this.client = reads;
  }

  async acquireShard(shardId: number, owner: string) {
    const [row] = await this.client.query(`acquire shard ${shardId}`, ACQUIRE_SHARD, [shardId, owner]);
    return {
      rangeId: row!.range_id as number,
      shardInfo: (row!.info ?? undefined) as Uint8Array | undefined,
    };
  }

  /** Without a batch it needs neither the connection of commits nor the locks of shards: entries are taken by whoever finds them. */
  async commit(batch: readonly ShardCommit[], applied: AppliedEntries = NO_ENTRIES): Promise<void> {
    if (batch.length === 0 && applied.entries.length === 0) return;
    const client = batch.length === 0 ? this.catchUps : this.commits;
    try {
      const folded = foldCommits([...applied.commits, ...batch]);
      const { owned, infos } = separateShards(folded, batch);
      const parameters = commitParameters({ ...folded, shards: owned });
      if (folded.branches.some((branch) => branch.deleted)) {
        await client.transaction('commit', async (query) => {
          const takesEntries = applied.entries.length > 0;
          if (takesEntries) await query(`SELECT ${TAKE_ENTRIES}`, positionParameters(applied.entries));
          await commitWithBranchDeletion(query, { ...folded, shards: owned }, parameters);
          if (takesEntries) await query(`SELECT ${PUT_INFOS}`, infoParameters(infos));
        });
      } else if (applied.entries.length === 0) {
        await client.query('commit', COMMIT_STATEMENT, parameters);
      } else {
        const withEntries = [...positionParameters(applied.entries), ...infoParameters(infos), ...parameters];
        await client.query('commit', COMMIT_WITH_ENTRIES_STATEMENT, withEntries);
      }
    } catch (error) {
      throw commitError(error, batch);
    }
  }

  async appendEntries(entries: readonly NewEntry[]): Promise<void> {
    // In shard order, so that two of them never wait for each other.
    const ordered = entries.toSorted((a, b) => a.shardId - b.shardId);
    try {
      await this.commits.query('commit', appendStatement(ordered.length), ordered.flatMap(entryParameters));
    } catch (error) {
      throw commitError(error, entries);
    }
  }

  async readJournal(shardId: number): Promise<ShardJournal> {
    const rows = await this.client.query(`read journal of shard ${shardId}`, READ_JOURNAL, [shardId]);
    const entries = rows
      .filter((row) => row.sequence !== null)
      .map((row) => ({
        shardId,
        rangeId: row.range_id as number,
        sequence: row.sequence as number,
        data: row.data as Uint8Array,
      }));
    return { entries, shardInfo: (rows[0]?.info ?? undefined) as Uint8Array | undefined };
  }

  async loadExecution(key: ExecutionKey): Promise<LoadedExecution | undefined> {
    const rows = await this.client.query(`load run ${key.runId}`, LOAD_EXECUTION, [
      key.shardId,
      toStoredText(key.runId),
      toStoredText(key.namespaceId),
      toStoredText(key.workflowId),
    ]);
    const first = rows[0];
    if (first === undefined) return undefined;
    const parts = rows
      .filter((row) => row.kind !== null)
      .map((row) => ({
        kind: row.kind as PartKind,
        key: fromStoredText(row.part_key as string),
        data: row.data as Uint8Array,
      }));
    return { state: first.state as Uint8Array, parts };
  }

  async loadCurrent(
    shardId: number,
    namespaceId: string,
    workflowId: string,
  ): Promise<CurrentExecutionRow | undefined> {
    const [row] = await this.client.query(`load current run of ${workflowId}`, LOAD_CURRENT, [
      shardId,
      toStoredText(namespaceId),
      toStoredText(workflowId),
    ]);
    return row === undefined
      ? undefined
      : { runId: fromStoredText(row.run_id as string), data: row.data as Uint8Array };
  }

  async listCurrentKeys(shardId: number, after: WorkflowKey | undefined, limit: number): Promise<WorkflowKey[]> {
    const rows = await this.client.query(`list workflows of shard ${shardId}`, LIST_CURRENT_KEYS, [
      shardId,
      toStoredText(after?.namespaceId ?? ''),
      toStoredText(after?.workflowId ?? ''),
      limit,
    ]);
    return rows.map((row) => ({
      namespaceId: fromStoredText(row.namespace_id as string),
      workflowId: fromStoredText(row.workflow_id as string),
    }));
  }

  async readHistory(request: ReadHistory): Promise<HistoryPage> {
    const branches = new ArrayLiteral();
    const froms = new ArrayLiteral();
    const ends = new ArrayLiteral();
    for (const { branchId, minNodeId, endNodeId } of request.segments) {
      const from = Math.max(minNodeId, request.minNodeId);
      const end = Math.min(endNodeId, request.endNodeId);
      if (from >= end) continue;
      branches.string(branchId);
      froms.number(from);
      ends.number(end);
    }
    if (branches.length === 0) return { nodes: [], hasMore: false };
    const { shardId, treeId, limit } = request;
    const rows = await this.client.query(
      `read history ${treeId}`,
      request.reverse ? READ_HISTORY_BACKWARD : READ_HISTORY_FORWARD,
      // One more than asked for tells whether there are more.
      [shardId, toStoredText(treeId), String(branches), String(froms), String(ends), limit + 1],
    );
    const nodes = rows.slice(0, limit).map((row) => ({
      treeId,
      branchId: fromStoredText(row.branch_id as string),
      nodeId: row.node_id as number,
      data: row.data as Uint8Array,
    }));
    return { nodes, hasMore: rows.length > limit };
  }

  async listBranches(shardId: number, treeId: string): Promise<readonly BranchRow[]> {
    const rows = await this.client.query(`list branches of ${treeId}`, LIST_BRANCHES, [shardId, toStoredText(treeId)]);
    return rows.map((row) => branchRow(treeId, row));
  }

  async readTasks(
    shardId: number,
    category: TaskCategory,
    from: TaskKey,
    to: TaskKey,
    limit: number,
  ): Promise<readonly StoredTask[]> {
    const rows = await this.client.query(`read tasks of shard ${shardId}`, READ_TASKS, [
      shardId,
      category,
      from.fireTimeMs,
      from.taskId,
      to.fireTimeMs,
      to.taskId,
      limit,
    ]);
    return rows.map((row) => ({
      fireTimeMs: row.fire_time_ms as number,
      taskId: row.task_id as number,
      data: row.data as Uint8Array,
    }));
  }

  async listExecutions(shardId: number, afterKey: string, limit: number) {
    const after = decodePageKey(afterKey);
    const rows = await this.client.query(`list executions of shard ${shardId}`, LIST_EXECUTIONS, [
      shardId,
      toStoredText(after.runId),
      toStoredText(after.namespaceId),
      toStoredText(after.workflowId),
      limit + 1,
    ]);
    const executions = rows.slice(0, limit).map((row) => ({
      shardId,
      runId: fromStoredText(row.run_id as string),
      namespaceId: fromStoredText(row.namespace_id as string),
      workflowId: fromStoredText(row.workflow_id as string),
      state: row.state as Uint8Array,
    }));
    const last = executions.at(-1);
    return { executions, nextKey: rows.length > limit && last !== undefined ? encodePageKey(last) : '' };
  }

  async close(): Promise<void> {
    await Promise.all([this.commits.close(), this.catchUps.close(), this.client.close()]);
  }
}

/** Shards of the batch, whose owner is checked, and what the journal has to say of the rows of others. */
function separateShards({ shards }: FoldedCommit, batch: readonly ShardCommit[]) {
  const inBatch = new Set(batch.map(({ shardId }) => shardId));
  return {
    owned: shards.filter(({ shardId }) => inBatch.has(shardId)),
    infos: shards.filter(({ shardId, shardInfo }) => !inBatch.has(shardId) && shardInfo !== undefined),
  };
}

/**
 * The shard's row is locked before its branches are read, so no other owner forks in between: if the range id is not ours the
 * commit function at the end refuses everything.
 */
async function commitWithBranchDeletion(
  query: Query,
  folded: FoldedCommit,
  parameters: readonly (string | null)[],
): Promise<void> {
  const shardIds = new ArrayLiteral();
  for (const { shardId } of folded.shards) shardIds.number(shardId);
  await query(LOCK_SHARDS, [String(shardIds)]);
  await query(COMMIT_STATEMENT, parameters); // registers the batch's new branches, so that they count as readers
  for (const { shardId, row, deleted } of folded.branches) {
    if (!deleted) continue;
    const treeId = toStoredText(row.treeId);
    await query(DELETE_BRANCH, [shardId, treeId, toStoredText(row.branchId)]);
    const remaining = (await query(LIST_BRANCHES, [shardId, treeId])).map((stored) => branchRow(row.treeId, stored));
    for (const { branchId, fromNodeId } of planBranchNodeDeletion(remaining, [row])) {
      await query(DELETE_NODES, [shardId, treeId, toStoredText(branchId), fromNodeId]);
    }
  }
}

function branchRow(treeId: string, row: Row): BranchRow {
  return { treeId, branchId: fromStoredText(row.branch_id as string), data: row.data as Uint8Array };
}

function commitError(error: unknown, batch: readonly Pick<ShardCommit, 'shardId' | 'rangeId'>[]): unknown {
  switch (sqlState(error)) {
    case 'OS001': {
      const shardId = Number(errorDetail(error));
      const lost = batch.find((commit) => commit.shardId === shardId);
      return new ShardFencedError(shardId, lost?.rangeId ?? 0);
    }
    case 'OS004':
      return new EntriesTakenError();
    case 'OS002':
      return new ConditionFailedError((error as Error).message, { cause: error });
    default:
      return error;
  }
}

const NO_ENTRIES: AppliedEntries = { entries: [], commits: [] };
const RUN = 'shard_id = $1 AND run_id = $2 AND namespace_id = $3 AND workflow_id = $4';

const ACQUIRE_SHARD = `INSERT INTO shards AS s (shard_id, range_id, owner) VALUES ($1, 1, $2)
  ON CONFLICT (shard_id) DO UPDATE SET range_id = s.range_id + 1, owner = excluded.owner RETURNING range_id, info`;
const LOCK_SHARDS = `SELECT 1 FROM shards WHERE shard_id = ANY ($1::integer[])
  ORDER BY shard_id FOR NO KEY UPDATE`;
const LOAD_EXECUTION = `SELECT e.state, p.kind, p.part_key, p.data
  FROM (SELECT state FROM executions WHERE ${RUN}) AS e
  LEFT JOIN (SELECT kind, part_key, data FROM execution_parts WHERE ${RUN}) AS p ON true
  ORDER BY p.kind, p.part_key`;
const LOAD_CURRENT = `SELECT run_id, data FROM current_executions
  WHERE shard_id = $1 AND namespace_id = $2 AND workflow_id = $3`;
const LIST_CURRENT_KEYS = `SELECT namespace_id, workflow_id FROM current_executions
  WHERE shard_id = $1 AND (namespace_id, workflow_id) > ($2, $3) ORDER BY namespace_id, workflow_id LIMIT $4`;
const LIST_BRANCHES =
  'SELECT branch_id, data FROM history_branches WHERE shard_id = $1 AND tree_id = $2 ORDER BY branch_id';
const DELETE_BRANCH = 'DELETE FROM history_branches WHERE shard_id = $1 AND tree_id = $2 AND branch_id = $3';
const DELETE_NODES = `DELETE FROM history_nodes
  WHERE shard_id = $1 AND tree_id = $2 AND branch_id = $3 AND node_id >= $4`;
const READ_TASKS = `SELECT fire_time_ms, task_id, data FROM tasks
  WHERE shard_id = $1 AND category = $2
    AND (fire_time_ms, task_id) >= ($3::bigint, $4::bigint) AND (fire_time_ms, task_id) < ($5::bigint, $6::bigint)
  ORDER BY fire_time_ms, task_id LIMIT $7`;
const LIST_EXECUTIONS = `SELECT run_id, namespace_id, workflow_id, state FROM executions
  WHERE shard_id = $1 AND (run_id, namespace_id, workflow_id) > ($2, $3, $4)
  ORDER BY run_id, namespace_id, workflow_id LIMIT $5`;
const READ_JOURNAL = `SELECT s.info, j.range_id, j.sequence, j.data
  FROM (SELECT shard_id, info FROM shards WHERE shard_id = $1) AS s LEFT JOIN journal j ON j.shard_id = s.shard_id
  ORDER BY j.range_id, j.sequence`;
const READ_HISTORY_FORWARD = readHistoryStatement('ASC');
const READ_HISTORY_BACKWARD = readHistoryStatement('DESC');

/** Each segment yields at most the limit, by index in its order, so a short page of a long history reads little. */
function readHistoryStatement(direction: 'ASC' | 'DESC'): string {
  return `SELECT s.branch_id, n.node_id, n.data
    FROM unnest($3::text[], $4::bigint[], $5::bigint[]) WITH ORDINALITY AS s (branch_id, from_node, end_node, position)
    CROSS JOIN LATERAL (
      SELECT node_id, data FROM history_nodes
      WHERE shard_id = $1 AND tree_id = $2 AND branch_id = s.branch_id AND node_id >= s.from_node AND node_id < s.end_node
      ORDER BY node_id ${direction} LIMIT $6
    ) AS n
    ORDER BY s.position ${direction}, n.node_id ${direction} LIMIT $6`;
}
