// One durable PostgreSQL for all servers of a run, each with a database of its own: started when the first one asks.

import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import type { startPostgres, TestPostgres } from '../../test/support/postgres.ts';
import { PeerUnavailable } from './peer.ts';

/** Not for the bundler: the executable carries no PostgreSQL. */
const SUPPORT = '../../test/support/postgres.ts';

export class SharedPostgres {
  #cluster: Promise<TestPostgres> | undefined;

  /** URL of a new, empty database. */
  async createDatabase(): Promise<string> {
    this.#cluster ??= startDurablePostgres();
    const { urlOf } = await this.#cluster;
    const name = `bench_${randomBytes(4).toString('hex')}`;
    const sql = postgres(urlOf('postgres'), { max: 1, onnotice: () => {} });
    await sql.unsafe(`create database ${name}`);
    await sql.end();
    return urlOf(name);
  }

  async stop(): Promise<void> {
    const cluster = this.#cluster;
    this.#cluster = undefined;
    await (await cluster)?.stop();
  }
}

async function startDurablePostgres(): Promise<TestPostgres> {
  let support: { startPostgres: typeof startPostgres };
  try {
    support = await import(SUPPORT);
  } catch (cause) {
    throw new PeerUnavailable('PostgreSQL is started from the sources, with the development dependencies', { cause });
  }
  return support.startPostgres({ durable: true });
}
