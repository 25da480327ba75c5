// dist/ostinato: built, copied alone into an empty folder, run where there is no Node.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Connection } from '@temporalio/client';

const PROJECT = join(import.meta.dirname, '../..');
const NAME = process.platform === 'win32' ? 'ostinato.exe' : 'ostinato';
const folder = mkdtempSync(join(tmpdir(), 'ostinato-executable-'));
const executable = join(folder, NAME);
/** Nothing to find: no Node, no libraries of ours. */
const EMPTY_ENVIRONMENT = { PATH: folder };

before(() => {
  execFileSync(process.execPath, [join(PROJECT, 'scripts/build-executable.ts')], { stdio: 'ignore' });
  copyFileSync(join(PROJECT, 'dist', NAME), executable);
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('it tells its version', () => {
  const text = execFileSync(executable, ['version'], { env: EMPTY_ENVIRONMENT, encoding: 'utf8' });
  assert.match(text, /^ostinato \d+\.\d+\.\d+ \(Temporal 1\.31\.2, /);
});

test('it serves from all its threads, on every port, and leaves nothing but its data', async () => {
  const flags = ['start-dev', '--port', '0', '--http-port', '0', '--metrics-port', '0', '-f', 'data.db'];
  const isWithWebUi = existsSync(join(PROJECT, 'dist/web-ui/index.html'));
  const child = spawn(executable, flags, { cwd: folder, env: EMPTY_ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  try {
    let output = '';
    for await (const chunk of child.stdout) {
      output += String(chunk);
      if (output.includes('Ready in')) break;
    }
    const address = /gRPC:\s+(\S+)/.exec(output)![1]!;
    const connection = await Connection.connect({ address });
    const started = await connection.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId: 'one',
      workflowType: { name: 'any' },
      taskQueue: { name: 'any' },
      requestId: 'one',
    });
    const task = await connection.withDeadline(Date.now() + 20_000, () =>
      connection.workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue: { name: 'any' } }),
    );
    assert.equal(task.workflowExecution?.runId, started.runId);
    await connection.close();
    const metrics = await (await fetch(/http:\S+\/metrics/.exec(output)![0])).text();
    assert.match(metrics, /^ostinato_ring_frames\{thread="matching"\} [1-9]/m);
    const http = /HTTP API:\s+(\S+)/.exec(output)![1]!;
    const described = await (await fetch(`${http}/api/v1/namespaces/default`)).json();
    assert.equal((described as { namespaceInfo: { name: string } }).namespaceInfo.name, 'default');
    const webUi = /Web UI:\s+(\S+)/.exec(output)![1]!;
    const page = await (await fetch(`${webUi}/namespaces`)).text();
    if (isWithWebUi) {
      const script = await fetch(webUi + /\/_app\/[^"]+\.js/.exec(page)![0], { headers: { 'accept-encoding': 'br' } });
      assert.equal(script.headers.get('content-encoding'), 'br');
      assert.match(await script.text(), /import|export/);
    } else {
      assert.match(page, /This executable was built without them/);
    }
  } finally {
    child.kill('SIGTERM');
  }
  assert.deepEqual(await exited, [0, null]);
  const others = readdirSync(folder).filter((name) => name !== NAME && !name.startsWith('data.db'));
  assert.deepEqual(others, []);
});
