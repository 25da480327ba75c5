// Everything that is measured about a server under load: its own process, and its database if that is another one.

import type { Sql } from 'postgres';
import { parentOf, readTreeCpuUs, readUsage } from './process-usage.ts';

export interface Server {
  readonly name: string;
  readonly address: string;
  /** Undefined for a server on another machine: then only latencies are measured. */
  readonly pid: number | undefined;
  /** A PostgreSQL that the server keeps its data in, on this machine. */
  readonly databaseUrl: string | undefined;
}

export interface Reading {
  readonly atMs: number;
  readonly cpuUsByThread: ReadonlyMap<string, number>;
  readonly databaseCpuUs: number | undefined;
  readonly databaseCommits: number | undefined;
  readonly rssBytes: number | undefined;
  readonly storedBytes: number | undefined;
}

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
    };
  }

  async stop(): Promise<void> {
    await this.#sql?.end();
    this.#sql = undefined;
  }

  async #readDatabase(): Promise<{ bytes: number; commits: number } | undefined> {
    if (this.#sql === undefined) return undefined;
    const [row] = await this.#sql<{ bytes: string; commits: string }[]>`
      select pg_database_size(current_database()) as bytes,
        (select xact_commit from pg_stat_database where datname = current_database()) as commits`;
    return { bytes: Number(row!.bytes), commits: Number(row!.commits) };
  }
}
