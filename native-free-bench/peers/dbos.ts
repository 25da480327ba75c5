// DBOS from npm on the run's PostgreSQL: a library, so workflow and step run in the process that asks for them, and nothing is
// handed to a worker. The process is driven over a plain socket that costs it next to nothing; its CPU is all that counts.

import { join } from 'node:path';
import { LineDriver } from '../client/line-driver.ts';
import { freePorts } from './free-ports.ts';
import { installedPackages } from './npm-packages.ts';
import { type StartedPeer, spawnServer } from './peer.ts';
import type { SharedPostgres } from './postgres.ts';

/** The workload that this is the counterpart of. */
const COMPARABLE = 'one-activity';

export async function startDbos(name: string, postgres: SharedPostgres): Promise<StartedPeer> {
  const packages = installedPackages();
  const databaseUrl = await postgres.createDatabase();
  const [port = 0] = await freePorts(1);
  const server = await spawnServer(
    process.execPath,
    [
      join(import.meta.dirname, 'dbos-service.ts'),
      packages.urlOf('@dbos-inc/dbos-sdk'),
      packages.urlOf('pg'),
      databaseUrl,
      String(port),
    ],
    { port },
  );
  return {
    name,
    address: `127.0.0.1:${port}`,
    pid: server.pid,
    databaseUrl,
    openDriver: (workload) => (workload.name === COMPARABLE ? LineDriver.connect(port) : undefined),
    stop: () => server.stop(),
  };
}
