// `npm run demo`: runs a sample workflow with the real TypeScript SDK and prints what happened and how long each step took.
// Without options it starts an Ostinato of its own. --address HOST:PORT uses a running server, --executable FILE starts that one.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { freePorts } from '../native-free-bench/peers/free-ports.ts';
import * as activities from './demo/activities.ts';
import { type order, parcelPickedUp, progress, setAddress } from './demo/workflows.ts';

const READY_DEADLINE_MS = 20_000;
const TASK_QUEUE = 'demo';

const here = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    address: { type: 'string' },
    namespace: { type: 'string', default: 'default' },
    executable: { type: 'string' },
  },
});

const write = (text: string) => process.stdout.write(`${text}\n`);

/** Does something, and prints what it gave and how long it took. */
async function step<T>(what: string, work: () => Promise<T>, show: (result: T) => string = () => ''): Promise<T> {
  const began = performance.now();
  const result = await work();
  const shown = show(result);
  write(`${(performance.now() - began).toFixed(1).padStart(9)} ms  ${what}${shown ? `: ${shown}` : ''}`);
  return result;
}

interface DemoServer {
  readonly address: string;
  stop(): Promise<void>;
}

async function startServer(): Promise<DemoServer> {
  const folder = await mkdtemp(join(tmpdir(), 'ostinato-demo-'));
  const [port = 0, httpPort = 0] = await freePorts(2);
  const program = options.executable ? [options.executable] : [process.execPath, join(here, '..', 'src', 'main.js')];
  const [command = '', ...before] = program;
  const child = spawn(
    command,
    [
      ...before,
      'start-dev',
      ...['--ip', '127.0.0.1', '--port', String(port), '--http-port', String(httpPort), '--headless'],
      ...['--db-filename', join(folder, 'demo.db'), '--log-level', 'warn'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const address = `127.0.0.1:${port}`;
  try {
    await ready(address, child);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return {
    address,
    async stop() {
      const exited = once(child, 'exit');
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await exited;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(address: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 500 });
      await connection.close();
      return;
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`the server ended with exit code ${child.exitCode}`);
      if (Date.now() > deadline) throw new Error('the server does not answer', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function play(client: Client): Promise<WorkflowHandle<typeof order>> {
  const handle = await step(
    'start of the workflow "order"',
    () =>
      client.workflow.start<typeof order>('order', {
        workflowId: `demo-${Date.now()}`,
        taskQueue: TASK_QUEUE,
        args: ['a metronome'],
        staticSummary: 'An order of the demo',
      }),
    (started) => started.workflowId,
  );
  await step('first query', () => handle.query(progress), quoted);
  await step(
    'update that the workflow refuses',
    () => handle.executeUpdate(setAddress, { args: [''] }).catch((error: Error) => String(error.cause ?? error)),
    quoted,
  );
  await step('update with an address', () => handle.executeUpdate(setAddress, { args: ['1 Main Street'] }), quoted);
  await step('signal', () => handle.signal(parcelPickedUp, 'the carrier'));
  await step('second query', () => handle.query(progress), quoted);
  await step('result', () => handle.result(), quoted);
  return handle;
}

const quoted = (text: string) => `"${text}"`;

async function printHistory(handle: WorkflowHandle<typeof order>): Promise<void> {
  const { events } = await handle.fetchHistory();
  const timeOf = (time: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
    Number(time?.seconds ?? 0) * 1000 + Number(time?.nanos ?? 0) / 1e6;
  const first = timeOf(events?.[0]?.eventTime);
  write('\nIts history:');
  for (const event of events ?? []) {
    const kind = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '';
    const name = kind.charAt(0).toUpperCase() + kind.slice(1).replace('EventAttributes', '');
    const after = (timeOf(event.eventTime) - first).toFixed(1).padStart(9);
    write(`${after} ms  ${String(event.eventId).padStart(3)} ${name}`);
  }
}

Runtime.install({ logger: new DefaultLogger('ERROR', () => undefined) });
write('Ostinato demo\n');
const server = options.address
  ? { address: options.address, stop: async () => undefined }
  : await step('server started', startServer, (started) => started.address);
try {
  const bundle = await step('workflow code bundled (by the SDK)', () =>
    bundleWorkflowCode({
      workflowsPath: join(here, 'demo', 'workflows.ts'),
      logger: new DefaultLogger('ERROR', () => undefined),
    }),
  );
  const native = await NativeConnection.connect({ address: server.address });
  const worker = await step('worker created', () =>
    Worker.create({
      connection: native,
      namespace: options.namespace,
      taskQueue: TASK_QUEUE,
      workflowBundle: bundle,
      activities,
    }),
  );
  const running = worker.run();
  const connection = await Connection.connect({ address: server.address });
  try {
    const handle = await play(new Client({ connection, namespace: options.namespace }));
    await printHistory(handle);
    write('');
  } finally {
    await step('worker stopped', async () => {
      worker.shutdown();
      await running;
    });
    await connection.close();
    await native.close();
  }
} finally {
  if (!options.address) await step('server stopped', () => server.stop());
}
