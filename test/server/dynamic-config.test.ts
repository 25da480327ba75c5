// The dynamic configuration of a running server: read again, known to threads that come back, and good when a new one is not.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Connection } from '@temporalio/client';
import { ServerProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-dynamic-'));
const file = join(folder, 'dynamic.yaml');
const HOUR_SECONDS = 3_600;
let server: ServerProcess;
let connection: Connection;
let seconds = 1_000;
let namespaces = 0;

/** Each version of the file has a time of its own: that is how a change is seen. */
function write(text: string): void {
  writeFileSync(file, text);
  seconds += 1;
  utimesSync(file, seconds, seconds);
}

before(async () => {
  const text = readFileSync(join(import.meta.dirname, '../../config/development.yaml'), 'utf8')
    .replace('127.0.0.1:8000', '127.0.0.1:0')
    .replace('grpcPort: 7233', 'grpcPort: 0')
    .replace('data/ostinato.db', join(folder, 'ostinato.db'))
    .replace('pollInterval: 10s', 'pollInterval: 50ms');
  writeFileSync(join(folder, 'development.yaml'), text);
  write('system.namespaceMinRetentionLocal: [{ value: 2h }]');
  const killer = pathToFileURL(join(import.meta.dirname, 'thread-killer.ts')).href;
  server = new ServerProcess(['start', '--config', folder], {
    DYNAMIC_CONFIG_FILE_PATH: file,
    NODE_OPTIONS: `--import ${killer}`,
    OSTINATO_TEST_KILL: folder,
  });
  connection = await Connection.connect({ address: await server.ready() });
});
after(async () => {
  await connection?.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const register = (retentionHours: number) =>
  connection.workflowService.registerNamespace({
    namespace: `namespace-${namespaces++}`,
    workflowExecutionRetentionPeriod: { seconds: (retentionHours * HOUR_SECONDS) as never },
  });

/** Lines of the log with this text. */
const told = (text: string) => server.stderr.split(text).length - 1;

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, `${what}:\n${server.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function change(text: string): Promise<void> {
  const before = told('dynamic configuration loaded');
  write(text);
  await until(() => told('dynamic configuration loaded') > before, 'the file was not read again');
}

test('the file that the environment names is read, and read again', async () => {
  await register(2);
  await assert.rejects(register(1), { code: 3 });
  await change('system.namespaceMinRetentionLocal: [{ value: 4h }]\nno.such.key: [{ value: 1 }]');
  await register(4);
  await assert.rejects(register(3), { code: 3 });
  assert.equal(told('no.such.key: unknown key'), 1);
});

test('a thread that comes back has the configuration of now', async () => {
  writeFileSync(join(folder, 'worker'), '');
  await until(() => told('the thread is back') > 0, 'the worker thread did not come back');
  await assert.rejects(register(3), { code: 3 });
});

test('a wrong value leaves the last good one, and a broken file all of them', async () => {
  await change('system.namespaceMinRetentionLocal: [{ value: soon }]');
  await until(() => told('\\"soon\\" is no duration, the last good value stays') === 1, 'the wrong value was not told');
  await assert.rejects(register(3), { code: 3 });
  write('system.namespaceMinRetentionLocal: [');
  await until(() => told('the last one stays') === 1, 'the broken file was not told');
  await assert.rejects(register(3), { code: 3 });
  await register(4);
});
