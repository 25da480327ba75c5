// The real TypeScript SDK's worker for the SDK scenarios. The workflow bundle is built once per state of the sources and kept under
// node_modules/.cache, because webpack takes seconds.

import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import * as activities from './activities.ts';
import type { Environment } from './environment.ts';
import { repositoryRoot } from './server.ts';

const workflowsFolder = join(repositoryRoot, 'test', 'end-to-end', 'workflows');

/** Warnings of scenarios that fail on purpose would drown the test report. */
const logger = new DefaultLogger('ERROR', () => undefined);

let runtimeInstalled = false;

export interface TestWorker {
  readonly worker: Worker;
  stop(): Promise<void>;
}

export async function startWorker(
  environment: Environment,
  taskQueue: string,
  options: Partial<WorkerOptions> = {},
): Promise<TestWorker> {
  if (!runtimeInstalled) {
    Runtime.install({ logger, telemetryOptions: { logging: { forward: { level: 'ERROR' } } } });
    runtimeInstalled = true;
  }
  const connection = await NativeConnection.connect({ address: environment.address });
  const worker = await Worker.create({
    connection,
    namespace: environment.namespace,
    taskQueue,
    workflowBundle: { codePath: await workflowBundle() },
    activities,
    shutdownGraceTime: '5s',
    ...options,
  });
  const running = worker.run();
  running.catch(() => undefined);
  return {
    worker,
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

/** Path of the bundle of the workflows as they are now. */
export async function workflowBundle(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of (await readdir(workflowsFolder)).sort()) hash.update(await readFile(join(workflowsFolder, file)));
  const folder = join(repositoryRoot, 'node_modules', '.cache', 'ostinato-end-to-end');
  const path = join(folder, `workflows-${hash.digest('hex').slice(0, 16)}.cjs`);
  try {
    await readFile(path);
    return path;
  } catch {
    // Not built yet.
  }
  const { code } = await bundleWorkflowCode({ workflowsPath: join(workflowsFolder, 'index.ts'), logger });
  await mkdir(folder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, path);
  return path;
}
