// A thread that throws is restarted with what it owns, the process goes on and says so.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Connection } from '@temporalio/client';
import { ServerProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-kill-'));
let server: ServerProcess;
let connection: Connection;

before(async () => {
  const killer = pathToFileURL(join(import.meta.dirname, 'thread-killer.ts')).href;
  server = new ServerProcess(['start-dev', '--port', '0', '--history-threads', '2'], {
    NODE_OPTIONS: `--import ${killer}`,
    OSTINATO_TEST_KILL: folder,
  });
  connection = await Connection.connect({ address: await server.ready() });
});
after(async () => {
  await connection?.close();
  const { code, stderr } = await server.stop();
  rmSync(folder, { recursive: true, force: true });
  assert.equal(code, 0, stderr);
});

async function kill(thread: string): Promise<void> {
  const count = () => server.stderr.split('the thread is back').length;
  const before = count();
  writeFileSync(join(folder, thread), '');
  const deadlineMs = performance.now() + 10_000;
  while (count() === before) {
    assert.ok(performance.now() < deadlineMs, `${thread} did not come back:\n${server.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Calls as SDKs do: what is UNAVAILABLE for a moment is tried again. */
async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: number }).code !== 14 || attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const taskQueue = { name: 'restart' };
const start = (workflowId: string) =>
  connection.workflowService.startWorkflowExecution({
    namespace: 'default',
    workflowId,
    workflowType: { name: 'any' },
    taskQueue,
    requestId: workflowId,
  });

test('history threads come back with every run that was acknowledged', async () => {
  const ids = Array.from({ length: 20 }, (_, index) => `run-${index}`);
  const runs = await Promise.all(ids.map(start));
  await kill('history-1');
  await kill('history-2');
  for (const [index, workflowId] of ids.entries()) {
    const described = await retried(() =>
      connection.workflowService.describeWorkflowExecution({ namespace: 'default', execution: { workflowId } }),
    );
    assert.equal(described.workflowExecutionInfo?.execution?.runId, runs[index]!.runId);
    // The request id is known still: the same start is the same run.
    assert.equal((await start(workflowId)).runId, runs[index]!.runId);
  }
});

test('the matching thread comes back with every task', async () => {
  await kill('matching');
  const found = new Set<string>();
  while (found.size < 20) {
    const task = await retried(() =>
      connection.withDeadline(Date.now() + 20_000, () =>
        connection.workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue, identity: 'test' }),
      ),
    );
    assert.ok(task.taskToken && task.taskToken.length > 0, `only ${found.size} tasks came back`);
    found.add(task.workflowExecution!.workflowId!);
  }
});

test('the worker thread comes back with the namespaces', async () => {
  await connection.workflowService.registerNamespace({
    namespace: 'before',
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await kill('worker');
  const { namespaceInfo } = await retried(() => connection.workflowService.describeNamespace({ namespace: 'before' }));
  assert.equal(namespaceInfo?.name, 'before');
});

test('the log says which thread ended, and why', () => {
  for (const thread of ['history-1', 'history-2', 'matching', 'worker']) {
    assert.match(server.stderr, new RegExp(`\\[${thread}\\] a thread ended and is restarted[^]*?killed by a test`));
  }
});
