// What the Web UI is shown with: a server and a worker with runs in different states, made with the real SDK.

import { join } from 'node:path';
import { Client, Connection, WorkflowFailedError } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import * as activities from '../../scripts/demo/activities.ts';
import { type order, parcelPickedUp, setAddress } from '../../scripts/demo/workflows.ts';
import { repositoryRoot } from '../end-to-end/harness/server.ts';
import { waitUntil } from '../end-to-end/harness/wait-until.ts';

export const TASK_QUEUE = 'orders';

export interface Scene {
  readonly client: Client;
  /** Finished, with a child, an update, a signal and an activity that was tried twice. */
  readonly finished: Run;
  /** Waits, with a summary and details in Markdown. */
  readonly waiting: Run;
  /** Its task queue has no worker, its id has everything in it that a path gives a meaning. */
  readonly unserved: Run;
  /** Its workflow is not known to its worker: its workflow task fails again and again. */
  readonly failing: Run;
  readonly terminated: Run;
  stop(): Promise<void>;
}

export interface Run {
  readonly workflowId: string;
  readonly runId: string;
}

export async function setScene(address: string): Promise<Scene> {
  const logger = new DefaultLogger('ERROR', () => undefined);
  Runtime.install({ logger, telemetryOptions: { logging: { forward: { level: 'ERROR' } } } });
  const workflowsPath = join(repositoryRoot, 'scripts/demo/workflows.ts');
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    taskQueue: TASK_QUEUE,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, logger }),
    activities,
  });
  const running = worker.run();
  const client = new Client({ connection });
  const runs = await startRuns(client);
  return {
    client,
    ...runs,
    stop: async () => {
      worker.shutdown();
      await running;
      await connection.close();
      await native.close();
    },
  };
}

async function startRuns(client: Client): Promise<Omit<Scene, 'client' | 'stop'>> {
  const start = async (workflowId: string, options: { readonly type?: string; readonly taskQueue?: string } = {}) => {
    const handle = await client.workflow.start(options.type ?? 'order', {
      workflowId,
      taskQueue: options.taskQueue ?? TASK_QUEUE,
      args: ['a metronome'],
      memo: { customer: 'Ada' },
      staticSummary: 'An order of **one** metronome',
      staticDetails: '# Order\n\n- to be *wrapped*\n- `gift`: yes\n\n<script>document.title = "run"</script>',
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  };
  const finished = await start('order-finished');
  const handle = client.workflow.getHandle<typeof order>(finished.workflowId);
  await handle.executeUpdate(setAddress, { args: ['1 Main Street'] });
  await handle.signal(parcelPickedUp, 'the carrier');
  await handle.result();
  const waiting = await start('order-waiting');
  const unserved = await start('unserved/50% & more?#1', { taskQueue: 'nobody' });
  const failing = await start('order-failing', { type: 'notThere' });
  const terminated = await start('order-terminated');
  const terminatedHandle = client.workflow.getHandle(terminated.workflowId);
  await terminatedHandle.terminate('not wanted any more');
  await terminatedHandle.result().catch((error: unknown) => {
    if (!(error instanceof WorkflowFailedError)) throw error;
  });
  await waitUntil(async () => (await client.workflow.count()).count === 6, 'all runs are visible');
  return { finished, waiting, unserved, failing, terminated };
}
