// A whole server as simulated processes: two frontends, one matching, one worker service, and history units that own shards.
// Processes are killed, paused, replaced while the old one still believes it is the owner, and started again over the same tables.

import { NamespaceRecord } from '#proto/ostinato/worker/v1';
import { SettingValues } from '../../src/config/setting-values.ts';
import { createFrontend, type Frontend } from '../../src/frontend/index.ts';
import { createHistoryService, type HistoryService } from '../../src/history/index.ts';
import { createMatchingService, type MatchingService } from '../../src/matching/index.ts';
import { silentLogger } from '../../src/metrics/logger.ts';
import { noMetrics } from '../../src/metrics/metrics.ts';
import type { NamespaceRegistry } from '../../src/namespace/namespace-registry.ts';
import { JournaledExecutionStore } from '../../src/persistence/journal/journaled-store.ts';
import { MemoryStoreFactory } from '../../src/persistence/memory/factory.ts';
import type { MemoryStoreOptions, StoreFault } from '../../src/persistence/memory/fault-gate.ts';
import { createMemoryTables, type MemoryTables } from '../../src/persistence/memory/schema.ts';
import { namespaceNotFound } from '../../src/proto/service-errors.ts';
import { createPollBoard } from '../../src/runtime/poll-board.ts';
import type { Router } from '../../src/runtime/router.ts';
import { SealedAnswers } from '../../src/runtime/seals.ts';
import type { VirtualClock } from '../../src/runtime/virtual-clock.ts';
import { MemoryVisibilityStore } from '../../src/visibility/memory/memory-visibility-store.ts';
import { createWorkerService, type WorkerService } from '../../src/worker/index.ts';
import type { Random } from '../crash/random.ts';
import { CommitWatch } from './commit-watch.ts';
import type { Faults } from './faults.ts';
import { Network } from './network.ts';
import { NodeClock } from './node-clock.ts';

export const NAMESPACE = 'simulated';
export const NAMESPACE_ID = '00000000-0000-4000-8000-00000000000a';
export const RETENTION_MS = 6 * 3_600_000;
const SHARD_COUNT = 4;
const FRONTENDS = 2;
/** Small, so that commits take the backlog along now and then. */
const MAX_BACKLOG = 40;

/** One process: its clock, its stores, and what it serves. */
export class SimulatedNode<Service> {
  readonly number: number;
  readonly name: string;
  readonly clock: NodeClock;
  readonly stores: MemoryStoreFactory;
  readonly answering = new Set<() => void>();
  /** Answers to its calls that wait for the outcome of what they rest on. */
  readonly sealed: SealedAnswers;
  service!: Service;
  died: (() => void) | undefined;

  constructor(number: number, role: string, clock: NodeClock, stores: MemoryStoreFactory) {
    this.number = number;
    this.name = `${role}#${number}`;
    this.sealed = new SealedAnswers(clock);
    this.clock = clock;
    this.stores = stores;
  }
}

export interface HistoryUnit {
  readonly node: SimulatedNode<HistoryService>;
  readonly shardIds: readonly number[];
}

interface Restartable {
  readonly kind: 'frontend' | 'matching' | 'worker' | 'history';
  node(): SimulatedNode<unknown> | undefined;
  restart(): void;
}

export class Cluster {
  readonly clock: VirtualClock;
  readonly network: Network;
  readonly visibility = new MemoryVisibilityStore();
  readonly tables: MemoryTables = createMemoryTables();
  readonly watch: CommitWatch;
  readonly #faults: Faults;
  readonly #random: Random;
  readonly #namespaces: NamespaceRegistry;
  readonly #config: SettingValues;
  /** Few, so that runs leave memory and come again. */
  readonly #cachedRuns: number;
  readonly #answer: 'sync' | 'promise';
  readonly #hasJournal: boolean;
  readonly #frontends: (SimulatedNode<Frontend> | undefined)[] = [];
  #matching: SimulatedNode<MatchingService> | undefined;
  /** As of threads of one process: what a thread that died left on it stays. */
  readonly #pollBoard = createPollBoard();
  #worker: SimulatedNode<WorkerService> | undefined;
  /** What each slot of shards has now. */
  readonly #units: (HistoryUnit | undefined)[] = [];
  readonly #shardGroups: readonly (readonly number[])[];
  readonly #owners = new Map<number, SimulatedNode<HistoryService>>();
  readonly #zombies = new Set<SimulatedNode<unknown>>();
  readonly #restartables: Restartable[] = [];
  #ids = 0;
  #nodes = 0;
  /** Kills, pauses and take-overs so far, for the report. */
  readonly events: string[] = [];

  constructor(clock: VirtualClock, faults: Faults) {
    this.clock = clock;
    this.#faults = faults;
    this.#random = faults.random;
    this.network = new Network(clock, faults);
    this.watch = new CommitWatch(this.tables);
    this.#answer = this.#random.next() < 0.5 ? 'sync' : 'promise';
    this.#shardGroups = this.#random.oneOf([
      [[1, 2, 3, 4]],
      [
        [1, 2],
        [3, 4],
      ],
      [[1], [2], [3], [4]],
    ]);
    this.#hasJournal = this.#random.next() < 0.5;
    this.#cachedRuns = this.#random.oneOf([1, 4, 5_000]);
    this.#config = new SettingValues({
      'history.cachemaxsize': [{ value: this.#cachedRuns, constraints: {} }],
      'history.eventscachemaxsizebytes': [{ value: this.#random.oneOf([4_096, 262_144, 67_108_864]), constraints: {} }],
      'history.retentiontimerjitterduration': [{ value: '10m', constraints: {} }],
    });
    const record = NamespaceRecord.decode(
      NamespaceRecord.encode({ id: NAMESPACE_ID, name: NAMESPACE, state: 1, retention: RETENTION_MS }),
    );
    const resolve = (key: string): NamespaceRecord => {
      if (key !== NAMESPACE && key !== NAMESPACE_ID) throw namespaceNotFound(key);
      return record;
    };
    this.#namespaces = {
      byId: (id) => (id === NAMESPACE_ID ? record : undefined),
      byName: (name) => (name === NAMESPACE ? record : undefined),
      resolveId: resolve,
      resolveName: resolve,
    };
    const row = { id: NAMESPACE_ID, name: NAMESPACE, data: NamespaceRecord.encode(record) };
    void new MemoryStoreFactory({}, this.tables).openMetadataStore().putNamespace(row, 0);
  }

  get description(): string {
    return `${this.#faults.profile}, ${this.#answer} store${this.#hasJournal ? ' with a journal' : ''}, ${this.#shardGroups.length} history units, ${this.#cachedRuns} runs in memory`;
  }

  /** Resolves when every process serves. */
  async start(): Promise<void> {
    for (let index = 0; index < FRONTENDS; index++) {
      this.#restartables.push({
        kind: 'frontend',
        node: () => this.#frontends[index],
        restart: () => this.#startFrontend(index),
      });
    }
    this.#restartables.push({ kind: 'matching', node: () => this.#matching, restart: () => this.#startMatching() });
    this.#restartables.push({ kind: 'worker', node: () => this.#worker, restart: () => this.#startWorker() });
    for (const [slot] of this.#shardGroups.entries()) {
      this.#restartables.push({
        kind: 'history',
        node: () => this.#units[slot]?.node,
        restart: () => this.#startHistory(slot),
      });
    }
    for (const { restart } of this.#restartables) restart();
    await this.clock.runUntil(() => this.isServing, 600_000);
  }

  get isServing(): boolean {
    return (
      this.#restartables.every(({ node }) => node() !== undefined) &&
      this.#owners.size === SHARD_COUNT &&
      [...this.#owners.values()].every(({ clock }) => !clock.isDead)
    );
  }

  get shardCount(): number {
    return SHARD_COUNT;
  }

  newId(): string {
    const hex = (++this.#ids).toString(16).padStart(12, '0');
    return `00000000-0000-4000-8000-${hex}`;
  }

  /** A frontend that lives, any; undefined while none does. */
  frontend(): SimulatedNode<Frontend> | undefined {
    const alive = this.#frontends.filter((node) => node !== undefined);
    return alive.length === 0 ? undefined : this.#random.oneOf(alive);
  }

  /** Kills, pauses and takes over at random from now on. */
  startFaults(): void {
    const repeat = (rate: 'killEveryMs' | 'pauseEveryMs' | 'takeOverEveryMs', strike: () => void): void => {
      const meanMs = this.#faults.rates[rate];
      if (meanMs === 0) return;
      this.clock.after(this.#random.next() * 2 * meanMs, () => {
        if (this.#faults.isCalm) return;
        strike();
        repeat(rate, strike);
      });
    };
    repeat('killEveryMs', () => this.#killOne());
    repeat('pauseEveryMs', () => this.#pauseOne());
    repeat('takeOverEveryMs', () => this.#takeOverOne());
  }

  /** Ends what still goes wrong: nobody is paused any more, old owners die, everything is there. */
  async heal(): Promise<void> {
    this.#faults.calm();
    for (const zombie of [...this.#zombies]) this.#kill(zombie, 'the end of faults');
    for (const { node } of this.#restartables) if (node()?.clock.isPaused === true) node()?.clock.resume();
    await this.clock.runUntil(() => this.isServing, 600_000);
  }

  /** All rows of the namespace. */
  visibilityRows() {
    const everything = { kind: 'and', operands: [] } as const;
    return this.visibility.list({ namespaceId: NAMESPACE_ID, predicate: everything, limit: 100_000, after: undefined });
  }

  /** Timers of all processes; a few belong to idle servers. */
  get pendingTimers(): number {
    return this.#restartables.reduce((sum, { node }) => sum + (node()?.clock.pendingTimers ?? 0), 0);
  }

  // -- Faults

  #killOne(): void {
    if (this.#random.next() < 0.15) {
      this.events.push('kill everything');
      for (const { node } of this.#restartables) {
        const victim = node();
        if (victim !== undefined) this.#kill(victim, 'SIGKILL');
      }
      return;
    }
    const victim = this.#random.oneOf(this.#restartables).node();
    if (victim !== undefined) this.#kill(victim, 'SIGKILL');
  }

  #kill(node: SimulatedNode<unknown>, why: string): void {
    if (node.clock.isDead) return;
    this.events.push(`${node.name} dies: ${why}`);
    node.died?.();
    node.clock.kill();
    node.stores.crash();
    this.#zombies.delete(node);
    for (const died of [...node.answering]) died();
    this.#tellFrontends((frontend) => frontend.sealed.sealerIsGone(node.number));
    for (const restartable of this.#restartables) {
      if (restartable.node() !== node) continue;
      this.#forget(node);
      this.clock.after(50 + this.#random.next() * 2_000, () => {
        if (restartable.node() === undefined) restartable.restart();
      });
    }
  }

  #forget(node: SimulatedNode<unknown>): void {
    if (this.#matching === node) this.#matching = undefined;
    if (this.#worker === node) this.#worker = undefined;
    for (const [index, frontend] of this.#frontends.entries()) {
      if (frontend === node) this.#frontends[index] = undefined;
    }
    for (const [slot, unit] of this.#units.entries()) if (unit?.node === node) this.#units[slot] = undefined;
    for (const [shardId, owner] of this.#owners) if (owner === node) this.#owners.delete(shardId);
  }

  #pauseOne(): void {
    const node = this.#random.oneOf(this.#restartables).node();
    if (node === undefined || node.clock.isPaused) return;
    this.events.push(`${node.name} pauses`);
    node.clock.pause();
    const goOn = () => node.clock.resume();
    if (this.#random.next() < 0.5 && !node.name.startsWith('frontend')) {
      // Somebody else takes its place; then it comes back believing that nothing happened.
      this.#replace(node);
    }
    this.clock.after(100 + this.#random.next() * 6_000, goOn);
  }

  #takeOverOne(): void {
    const candidates = this.#restartables.filter(({ kind }) => kind === 'history' || kind === 'matching');
    const node = this.#random.oneOf(candidates).node();
    if (node !== undefined) this.#replace(node);
  }

  /** A second process for the same duty; the first lives on for a while. */
  #replace(node: SimulatedNode<unknown>): void {
    const restartable = this.#restartables.find((each) => each.node() === node);
    if (restartable === undefined) return;
    this.events.push(`${node.name} is replaced`);
    this.#zombies.add(node);
    restartable.restart();
    this.clock.after(this.#random.next() * 8_000, () => this.#kill(node, 'an old owner ends'));
  }

  // -- Processes

  #node<Service>(name: string): SimulatedNode<Service> {
    const clock = new NodeClock(this.clock);
    const options: MemoryStoreOptions = {
      answer: this.#answer,
      fault: () => this.#storeFault(node),
      ...(this.#answer === 'promise' && { delay: () => this.#storeDelay(node) }),
    };
    const node = new SimulatedNode<Service>(++this.#nodes, name, clock, new MemoryStoreFactory(options, this.tables));
    return node;
  }

  #storeFault(node: SimulatedNode<unknown>): StoreFault | undefined {
    if (this.#faults.strikes('storeCrash')) {
      this.#kill(node, 'crash in a store operation');
      return this.#random.next() < 0.5 ? 'crash-before' : 'crash-after';
    }
    if (this.#faults.strikes('storeFailure')) return this.#random.next() < 0.5 ? 'fail-before' : 'fail-after';
    return undefined;
  }

  #storeDelay(node: SimulatedNode<unknown>): Promise<void> | undefined {
    if (this.#random.next() < 0.5) return undefined;
    return node.clock.sleep(this.#random.next() * this.#random.next() * 10);
  }

  #routerOf(node: SimulatedNode<unknown>): Router {
    const { network } = this;
    return {
      callHistory: (shardId, method, request, options) =>
        network.call({
          what: `history.${method}`,
          from: node,
          to: () => this.#owners.get(shardId),
          handle: (to, call) => (to as SimulatedNode<HistoryService>).service.handlers[method](request, call, shardId),
          options,
        }),
      callMatching: (_key, method, request, options) =>
        network.call({
          what: `matching.${method}`,
          from: node,
          to: () => this.#matching,
          handle: (to, call) => (to as SimulatedNode<MatchingService>).service.handlers[method](request, call, 0),
          options,
        }),
      tellMatching: (_key, method, message) => {
        network
          .call({
            what: `matching.${method}`,
            from: node,
            to: () => this.#matching,
            handle: (to, call) => (to as SimulatedNode<MatchingService>).service.handlers[method](message, call, 0),
          })
          // Nobody hears whether it arrived.
          .catch(() => {});
        return this.#matching !== undefined;
      },
      sealer: node.number,
      // Threads of one process: nothing is lost or doubled between them, and what was sent before the end arrives.
      settleSeal: (id, holds) => {
        this.#tellFrontends((frontend) => frontend.sealed.settle(id, holds));
      },
      flush: () => {},
      callWorker: (method, request, options) =>
        network.call({
          what: `worker.${method}`,
          from: node,
          to: () => this.#worker,
          handle: (to, call) => (to as SimulatedNode<WorkerService>).service.handlers[method](request, call, 0),
          options,
        }),
    };
  }

  #tellFrontends(what: (frontend: SimulatedNode<Frontend>) => void): void {
    for (const frontend of this.#frontends) {
      this.clock.after(this.network.delay(), () => frontend?.clock.after(0, () => what(frontend)));
    }
  }

  #common(node: SimulatedNode<unknown>) {
    return {
      router: this.#routerOf(node),
      clock: node.clock,
      logger: silentLogger,
      metrics: noMetrics,
      dynamicConfig: this.#config,
      namespaces: this.#namespaces,
      hostName: node.name,
      newId: () => this.newId(),
    };
  }

  #startFrontend(index: number): void {
    const node = this.#node<Frontend>(`frontend${index}`);
    node.service = createFrontend({
      ...this.#common(node),
      shardCount: SHARD_COUNT,
      serverVersion: '1.31.2',
      newUuid: () => this.newId(),
      monotonicNowMs: () => node.clock.nowMs(),
    });
    node.service.start();
    this.#frontends[index] = node;
  }

  #startMatching(): void {
    const node = this.#node<MatchingService>('matching');
    const store = node.stores.openTaskQueueStore();
    node.service = createMatchingService({ ...this.#common(node), store, pollBoard: this.#pollBoard });
    node.service.start();
    this.#matching = node;
  }

  #startWorker(): void {
    const node = this.#node<WorkerService>('worker');
    node.service = createWorkerService({
      ...this.#common(node),
      metadataStore: node.stores.openMetadataStore(),
      visibilityStore: this.visibility,
      onNamespacesChanged: () => {},
      cluster: CLUSTER,
      historyShardCount: SHARD_COUNT,
      persistenceStoreName: 'memory',
    });
    // Until it serves nobody else looks after it.
    node.died = () => {
      if (this.#worker !== node) this.clock.after(500, () => this.#startWorker());
    };
    const serve = (): void => {
      if (node.clock.isDead) return;
      node.service.start().then(
        () => {
          if (!node.clock.isDead) this.#worker = node;
        },
        () => this.clock.after(500, serve),
      );
    };
    serve();
  }

  #startHistory(slot: number): void {
    const shardIds = this.#shardGroups[slot] as readonly number[];
    const node = this.#node<HistoryService>(`history${slot}`);
    const tables = this.watch.watched(node.stores.openExecutionStore(0));
    const store = this.#hasJournal ? new JournaledExecutionStore(tables, { maxBacklog: MAX_BACKLOG }) : tables;
    node.service = createHistoryService({
      ...this.#common(node),
      store,
      shardIds,
      shardCount: SHARD_COUNT,
      pollBoard: this.#pollBoard,
    });
    this.#units[slot] = { node, shardIds };
    node.service.start().then(
      () => {
        if (node.clock.isDead || this.#units[slot]?.node !== node) return;
        for (const shardId of shardIds) this.#owners.set(shardId, node);
      },
      () => {},
    );
  }
}

const CLUSTER = {
  name: 'active',
  initialFailoverVersion: 1,
  failoverVersionIncrement: 10,
  isGlobalNamespaceEnabled: false,
  isMaster: true,
  rpcAddress: '127.0.0.1:7233',
  httpAddress: '127.0.0.1:7243',
};
