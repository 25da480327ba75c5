// A data set with many runs in it, fast: a server runs one workflow of each kind; then its stored rows are multiplied through the
// stores' own commits, with the ids of new runs in the place of its own. All ids are UUIDs, so encoded messages keep their form.

import { randomUUID, randomUUIDv7 } from 'node:crypto';
import type {
  ExecutionKey,
  ExecutionMutation,
  ExecutionStore,
  ShardCommit,
  StoreDescription,
  TaskInsert,
} from '../../src/persistence/index.ts';
import { createStoreFactory, TaskCategory } from '../../src/persistence/index.ts';
import { shardIdOf } from '../../src/runtime/shard-id.ts';
import { openVisibilityStore, type VisibilityRow, type VisibilityStore } from '../../src/visibility/index.ts';
import { Methods } from '../client/workflow-service.ts';
import { UNMEASURED } from '../load/figures.ts';
import { delay } from '../load/loops.ts';
import { NAMESPACE, Session } from '../load/session.ts';
import { startOstinato } from '../peers/ostinato.ts';
import { oneActivity } from '../workloads/activities.ts';
import { startTimer } from '../workloads/commands.ts';
import { startIdle } from '../workloads/messages.ts';
import type { Workload } from '../workloads/workload.ts';

const SHARDS = 4;
/** One store partition, so that all shards are in one file. */
export const STOCK_FLAGS = ['--history-threads', '1', '--shards', String(SHARDS)];
const DAY_MS = 86_400_000;
const BATCH = 1000;
const VISIBLE_DEADLINE_MS = 30_000;
const FOREVER = Number.MAX_SAFE_INTEGER;
/** Timers that are due before are of what the template has done already: a server drops them as they come due. */
const LASTING_MS = 3_600_000;
/** Rows read of the template; it has far fewer. */
const PAGE = 1000;

const parked: Workload = {
  name: 'parked',
  about: 'waits for a timer of a day',
  activities: false,
  operate: (session, run) => startIdle(session, run),
  decide: () => ({ commands: [startTimer('day', DAY_MS)] }),
};

export interface StockSize {
  readonly closed: number;
  readonly open: number;
}

/** Makes the data set at `file`; tells how far it is now and then. */
export async function makeStock(file: string, size: StockSize, tell: (text: string) => void): Promise<void> {
  const closedId = randomUUID();
  const openId = randomUUID();
  await runTemplates(file, closedId, openId);
  const description: StoreDescription = { kind: 'sqlite', path: file, pragmas: { synchronous: 'OFF' } };
  const store = await createStoreFactory(description).openExecutionStore(0);
  const visibility = await openVisibilityStore(description);
  try {
    const rangeIds = new Map<number, number>();
    for (let shardId = 1; shardId <= SHARDS; shardId++) {
      rangeIds.set(shardId, (await store.acquireShard(shardId, 'stock')).rangeId);
    }
    const templates = [
      [await Template.read(store, visibility, closedId), size.closed],
      [await Template.read(store, visibility, openId), size.open],
    ] as const;
    for (const [template, count] of templates) {
      for (let made = 0; made < count; made += BATCH) {
        const clones = Array.from({ length: Math.min(BATCH, count - made) }, (_, i) => template.clone(made + i));
        await store.commit(byShard(clones, rangeIds));
        await visibility.record(clones.map(({ row }) => ({ kind: 'upsert', row: { ...row, attributes: new Map() } })));
        if (made % (100 * BATCH) === 0) tell(`${made} of ${count}`);
      }
    }
  } finally {
    await visibility.close();
    await store.close();
  }
}

async function runTemplates(file: string, closedId: string, openId: string): Promise<void> {
  const server = await startOstinato({ name: 'stock', postgres: undefined, dataFile: file, flags: STOCK_FLAGS });
  for (const [workload, workflowId] of [
    [oneActivity, closedId],
    [parked, openId],
  ] as const) {
    const { address } = server;
    const session = await Session.open({ address, workload, pollers: 1, connections: 1, sticky: true });
    await workload.operate(session, session.newRun(performance.now(), UNMEASURED, workflowId));
    await untilCounted(session, workload === oneActivity ? 'Completed' : 'Running');
    session.close();
  }
  await server.stop();
}

/** Visibility follows a moment later. */
async function untilCounted(session: Session, status: string): Promise<void> {
  const deadline = performance.now() + VISIBLE_DEADLINE_MS;
  for (;;) {
    const query = `ExecutionStatus = '${status}'`;
    const { count } = await session.client.call(Methods.count, { namespace: NAMESPACE, query });
    if (count > 0) return;
    if (performance.now() > deadline) throw new Error(`no workflow is ${status}`);
    await delay(50);
  }
}

interface Clone {
  readonly shardId: number;
  readonly mutation: ExecutionMutation;
  readonly row: VisibilityRow;
}

function byShard(clones: readonly Clone[], rangeIds: ReadonlyMap<number, number>): ShardCommit[] {
  return [...rangeIds].map(([shardId, rangeId]) => ({
    shardId,
    rangeId,
    executions: clones.filter((clone) => clone.shardId === shardId).map(({ mutation }) => mutation),
    taskDeletes: [],
  }));
}

/** A stored run, ready to be written again under other ids. */
class Template {
  readonly #key: ExecutionKey;
  readonly #mutation: ExecutionMutation;
  readonly #row: VisibilityRow;

  static async read(store: ExecutionStore, visibility: VisibilityStore, workflowId: string): Promise<Template> {
    const key = await findRun(store, workflowId);
    const { shardId, namespaceId, runId } = key;
    const loaded = await store.loadExecution(key);
    const current = await store.loadCurrent(shardId, namespaceId, workflowId);
    const branches = await store.listBranches(shardId, runId);
    const [branch] = branches;
    if (loaded === undefined || current === undefined || branch === undefined) throw new Error(`no rows of ${runId}`);
    const { treeId, branchId } = branch;
    const history = await store.readHistory({
      ...{ shardId, treeId, minNodeId: 1, endNodeId: FOREVER, limit: PAGE, reverse: false },
      segments: [{ branchId, minNodeId: 1, endNodeId: FOREVER }],
    });
    const lastingFromMs = Date.now() + LASTING_MS;
    const timers = await store.readTasks(
      shardId,
      TaskCategory.TIMER,
      { fireTimeMs: 0, taskId: 0 },
      { fireTimeMs: FOREVER, taskId: 0 },
      PAGE,
    );
    const rows = await visibility.list({
      namespaceId,
      predicate: { kind: 'and', operands: [] },
      limit: PAGE,
      after: undefined,
    });
    const row = rows.find((candidate) => candidate.runId === runId);
    if (row === undefined) throw new Error(`${runId} is not in visibility`);
    const mutation: ExecutionMutation = {
      ...{ namespaceId, workflowId, runId, kind: 'create', state: loaded.state, parts: loaded.parts },
      ...{ historyNodes: history.nodes, newBranches: branches, deletedBranches: [] },
      current: { expectedRunId: '', row: current },
      tasks: timers
        .filter(({ fireTimeMs, data }) => fireTimeMs > lastingFromMs && Buffer.from(data).includes(runId))
        .map((task) => ({ ...task, category: TaskCategory.TIMER })),
    };
    return new Template(key, mutation, row);
  }

  private constructor(key: ExecutionKey, mutation: ExecutionMutation, row: VisibilityRow) {
    this.#key = key;
    this.#mutation = mutation;
    this.#row = row;
  }

  /** Number `index`: its timers fire a millisecond apart, which also keeps their keys unique. */
  clone(index: number): Clone {
    const workflowId = randomUUID();
    const runId = randomUUIDv7();
    const { namespaceId } = this.#key;
    const text = (value: string): string => (value === this.#key.runId ? runId : value);
    const bytes = (data: Uint8Array): Uint8Array => this.#renamed(data, workflowId, runId);
    const own = this.#mutation;
    const mutation: ExecutionMutation = {
      ...{ namespaceId, workflowId, runId, kind: 'create', state: bytes(own.state), deletedBranches: [] },
      parts: own.parts.map((part) => ({ ...part, data: part.data === null ? null : bytes(part.data) })),
      historyNodes: own.historyNodes.map((node) => ({
        ...node,
        treeId: text(node.treeId),
        branchId: text(node.branchId),
        data: bytes(node.data),
      })),
      newBranches: own.newBranches.map((branch) => ({
        treeId: text(branch.treeId),
        branchId: text(branch.branchId),
        data: bytes(branch.data),
      })),
      current: { expectedRunId: '', row: { runId, data: bytes(own.current!.row!.data) } },
      tasks: own.tasks.map(
        (task): TaskInsert => ({ ...task, fireTimeMs: task.fireTimeMs + index + 1, data: bytes(task.data) }),
      ),
    };
    const row = { ...this.#row, workflowId, runId, rootWorkflowId: workflowId, rootRunId: runId };
    return { shardId: shardIdOf(namespaceId, workflowId, SHARDS), mutation, row };
  }

  #renamed(data: Uint8Array, workflowId: string, runId: string): Uint8Array {
    const copy = Buffer.from(data);
    for (const [from, to] of [
      [this.#key.workflowId, workflowId],
      [this.#key.runId, runId],
    ] as const) {
      for (let at = copy.indexOf(from, 0, 'latin1'); at >= 0; at = copy.indexOf(from, at + to.length, 'latin1')) {
        copy.write(to, at, 'latin1');
      }
    }
    return copy;
  }
}

async function findRun(store: ExecutionStore, workflowId: string): Promise<ExecutionKey> {
  for (let shardId = 1; shardId <= SHARDS; shardId++) {
    const { executions } = await store.listExecutions(shardId, '', PAGE);
    const found = executions.find((execution) => execution.workflowId === workflowId);
    if (found !== undefined) return found;
  }
  throw new Error(`${workflowId} was not stored`);
}
