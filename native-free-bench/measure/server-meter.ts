// Everything that is measured about a server under load: its own process, and its database if that is another one.

import type { Sql } from 'postgres';
import type { Driver } from '../load/driver.ts';
import type { Workload } from '../workloads/workload.ts';
import { parentOf, readTreeCpuUs, readUsage } from './process-usage.ts';

export interface Server {
  readonly name: string;
  readonly address: string;
  /** Undefined for a server on another machine: then only latencies are measured. */
  readonly pid: number | undefined;
  /** A PostgreSQL that the server keeps its data in, on this machine. */
  readonly databaseUrl: string | undefined;
  /** What else it keeps there: Temporal has a database of its own for visibility. */
  readonly moreDatabases?: readonly string[];
  /** Prometheus text, for the counter of store operations that Temporal and Ostinato both have. */
  readonly metricsUrl?: string | undefined;
  /** For a server that does not speak Temporal's API; undefined if it has nothing that compares with the workload. */
  openDriver?(workload: Workload): Promise<Driver> | undefined;
}

export interface Reading {
  readonly atMs: number;
  readonly cpuUsByThread: ReadonlyMap<string, number>;
  readonly databaseCpuUs: number | undefined;
  readonly databaseCommits: number | undefined;
  readonly rssBytes: number | undefined;
  readonly storedBytes: number | undefined;
  /** Operations on its store, as it counts them itself. */
  readonly storeCalls: number | undefined;
}

/** Temporal's name (common/metrics/metric_defs.go), which Ostinato shares. */
const STORE_CALLS = /^persistence_requests(?:_total)?(?:\{.*\})? (\S+)/gm;

export class ServerMeter {
  readonly #server: Server;
  #sql: Sql | undefined;
  #postmaster: number | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async start(): Promise<void> {
    const { databaseUrl } = this.#server;
    if (databaseUrl === undefined) return;
    const { default: postgres } = await import('postgres');
    this.#sql = postgres(databaseUrl, { max: 1, idle_timeout: 0, onnotice: () => {} });
    const [row] = await this.#sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
    this.#postmaster = parentOf(row!.pid);
  }

  async read(): Promise<Reading> {
    const usage = this.#server.pid === undefined ? undefined : readUsage(this.#server.pid);
    const database = await this.#readDatabase();
    return {
      atMs: performance.now(),
      cpuUsByThread: usage?.cpuUsByThread ?? new Map(),
      databaseCpuUs: this.#postmaster === undefined ? undefined : readTreeCpuUs(this.#postmaster),
      databaseCommits: database?.commits,
      rssBytes: usage?.rssBytes,
      storedBytes: database?.bytes ?? usage?.dataBytes,
      storeCalls: await this.#readStoreCalls(),
    };
  }

  async stop(): Promise<void> {
    await this.#sql?.end();
    this.#sql = undefined;
  }

  async #readDatabase(): Promise<{ bytes: number; commits: number } | undefined> {
    if (this.#sql === undefined) return undefined;
    const names = [new URL(this.#server.databaseUrl!).pathname.slice(1), ...(this.#server.moreDatabases ?? [])];
    const [row] = await this.#sql<{ bytes: string; commits: string }[]>`
      select sum(pg_database_size(datname)) as bytes, sum(xact_commit) as commits
      from pg_stat_database where datname = any(${names})`;
    return { bytes: Number(row!.bytes), commits: Number(row!.commits) };
  }

  async #readStoreCalls(): Promise<number | undefined> {
    if (this.#server.metricsUrl === undefined) return undefined;
    const text = await (await fetch(this.#server.metricsUrl)).text();
    const counters = [...text.matchAll(STORE_CALLS)];
    return counters.length === 0 ? undefined : counters.reduce((sum, [, value]) => sum + Number(value), 0);
  }
}
