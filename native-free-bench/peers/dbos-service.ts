// A program with DBOS in it: one workflow with one step. Each line that arrives is a workflow id, and is answered with the same
// line when the workflow is done. node dbos-service.ts <url of the SDK> <url of pg> <database url> <port>

import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { INPUT } from '../workloads/commands.ts';

/** What is used of @dbos-inc/dbos-sdk, which is installed apart from this project. */
interface DbosSdk {
  readonly DBOS: {
    setConfig(config: { name: string; systemDatabaseUrl: string; systemDatabasePool: unknown; logLevel: string }): void;
    launch(): Promise<void>;
    registerWorkflow<I, O>(workflow: (input: I) => Promise<O>, options: { name: string }): (input: I) => Promise<O>;
    runStep<T>(step: () => Promise<T>, options: { name: string }): Promise<T>;
    withNextWorkflowID<T>(id: string, callback: () => Promise<T>): Promise<T>;
  };
}
interface Pg {
  readonly Pool: new (options: {
    connectionString: string;
    max: number;
  }) => { on(event: 'error', listener: () => void): void };
}

/** As many as Temporal is given. */
const DATABASE_CONNECTIONS = 20;

const [sdkUrl = '', pgUrl = '', databaseUrl = '', port] = process.argv.slice(2);
const { DBOS } = (await import(sdkUrl)) as DbosSdk;
const pg = (await import(pgUrl)) as { default: Pg };
const pool = new pg.default.Pool({ connectionString: databaseUrl, max: DATABASE_CONNECTIONS });
pool.on('error', () => {});
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, systemDatabasePool: pool, logLevel: 'error' });
const charge = DBOS.registerWorkflow((input: unknown) => DBOS.runStep(async () => input, { name: 'charge' }), {
  name: 'charge',
});
await DBOS.launch();

createServer((socket) => {
  socket.on('error', () => {});
  socket.setNoDelay(true);
  createInterface({ input: socket }).on('line', async (line) => {
    try {
      await DBOS.withNextWorkflowID(line, () => charge(INPUT));
      socket.write(`${line}\n`);
    } catch (error) {
      socket.write(`${line} ${(error as Error).message.replaceAll('\n', ' ')}\n`);
    }
  });
}).listen(Number(port), '127.0.0.1');
