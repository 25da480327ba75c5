// `ostinato start-dev` as a process: what it prints, how it refuses, how it stops, how it comes back.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { ServerProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-start-dev-'));
const running = new Set<ServerProcess>();
after(async () => {
  for (const server of running) await server.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function startDev(...args: string[]): ServerProcess {
  const server = new ServerProcess(['start-dev', '--port', '0', ...args]);
  running.add(server);
  void server.ended().then(() => running.delete(server));
  return server;
}

async function refused(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new ServerProcess(args).ended();
  assert.equal(code, 1);
  assert.equal(stdout, '');
  return stderr;
}

test('it prints where it listens, answers, and ends with 0 on SIGTERM', async () => {
  const server = startDev('--namespace', 'one', '-n', 'two', '--metrics-port', '0');
  const address = await server.ready();
  const connection = await Connection.connect({ address });
  try {
    const info = await connection.workflowService.getSystemInfo({});
    assert.equal(info.serverVersion, '1.31.2');
    for (const namespace of ['default', 'one', 'two']) {
      const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
      assert.equal(namespaceInfo?.name, namespace);
    }
    await connection.healthService.check({});
  } finally {
    await connection.close();
  }
  const metrics = await (await fetch(/http:\S+\/metrics/.exec(server.stdout)![0])).text();
  assert.match(metrics, /^ostinato_ring_frames\{thread="history-1"\} [1-9]/m);
  assert.match(metrics, /^service_requests\{[^}]*operation="GetSystemInfo"[^}]*\} [1-9]/m);
  assert.match(metrics, /^process_resident_memory_bytes /m);
  const { code, stopMs, stderr } = await server.stop();
  assert.equal(code, 0, stderr);
  assert.ok(stopMs < 5_000);
});

test('a parked poll is answered empty when the server stops', async () => {
  const server = startDev();
  const connection = await Connection.connect({ address: await server.ready() });
  try {
    const taskQueue = { name: 'nothing-here' };
    const poll = connection.withDeadline(Date.now() + 60_000, () =>
      connection.workflowService.pollWorkflowTaskQueue({ namespace: 'default', taskQueue, identity: 'somebody' }),
    );
    const isParked = async () => {
      const request = { namespace: 'default', taskQueue, taskQueueType: 1 };
      return (await connection.workflowService.describeTaskQueue(request)).pollers?.length === 1;
    };
    while (!(await isParked()));
    const ended = server.stop();
    const response = await poll;
    assert.equal(response.taskToken?.length ?? 0, 0);
    assert.equal((await ended).code, 0);
  } finally {
    await connection.close();
  }
});

test("an SDK's test environment can start it in the place of Temporal's executable", async () => {
  // What the SDKs' core passes.
  const flags = [
    ...['--port', '0', '--namespace', 'of-a-test', '--ip', '127.0.0.1'],
    ...['--log-format', 'pretty', '--log-level', 'warn'],
    ...['--dynamic-config-value', 'frontend.enableServerVersionCheck=false'],
    ...['--dynamic-config-value', 'frontend.enableUpdateWorkflowExecution=true'],
    ...['--dynamic-config-value', 'frontend.enableUpdateWorkflowExecutionAsyncAccepted=true', '--headless'],
  ];
  const server = new ServerProcess(['server', 'start-dev', ...flags]);
  running.add(server);
  const connection = await Connection.connect({ address: await server.ready() });
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'of-a-test' });
  assert.equal(namespaceInfo?.name, 'of-a-test');
  await connection.close();
  assert.equal((await server.stop()).code, 0);
  running.delete(server);
});

test('the other transport serves as well', async () => {
  const server = startDev('--transport', 'node');
  const connection = await Connection.connect({ address: await server.ready() });
  const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
  assert.equal(namespaceInfo?.name, 'default');
  await connection.close();
  assert.equal((await server.stop()).code, 0);
});

test('data in a file is there again after a restart, without a file it is gone', async () => {
  const path = join(folder, 'kept.db');
  for (const [args, isKept] of [
    [['--db-filename', path], true],
    [[], false],
  ] as const) {
    const first = startDev(...args, '-n', 'kept');
    await first.ready();
    assert.equal((await first.stop()).code, 0);
    const second = startDev(...args);
    const connection = await Connection.connect({ address: await second.ready() });
    const described = connection.workflowService.describeNamespace({ namespace: 'kept' });
    if (isKept) await described;
    else await assert.rejects(described, /kept is not found/);
    await connection.close();
    assert.equal((await second.stop()).code, 0);
  }
});

test('data that another server uses is refused', async () => {
  const path = join(folder, 'used.db');
  const first = startDev('-f', path);
  await first.ready();
  const stderr = await refused('start-dev', '--port', '0', '-f', path);
  assert.match(stderr, /^error: .*used.db.*\n$/);
  await first.stop();
});

test('more history threads than the data has partitions are not started', async () => {
  const path = join(folder, 'partitions.db');
  const first = startDev('-f', path, '--history-threads', '2');
  await first.ready();
  assert.match(first.stdout, /history-1, history-2/);
  await first.stop();
  for (const threads of ['1', '3']) {
    const again = startDev('-f', path, '--history-threads', threads, '-n', `with-${threads}`);
    const connection = await Connection.connect({ address: await again.ready() });
    await connection.workflowService.describeNamespace({ namespace: `with-${threads}` });
    await connection.close();
    assert.equal(again.stdout.includes('history-2'), threads !== '1');
    assert.equal(again.stdout.includes('history-3'), false);
    await again.stop();
  }
});

test('a taken port is one clear line and exit code 1', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  try {
    assert.equal(
      await refused('start-dev', '--port', String(port)),
      `error: port ${port} on 127.0.0.1 is already in use\n`,
    );
    assert.equal(
      await refused('start-dev', '--port', '0', '--metrics-port', String(port)),
      `error: port ${port} on 127.0.0.1 is already in use\n`,
    );
    assert.equal(
      await refused('start-dev', '--port', '0', '--ui-port', String(port)),
      `error: port ${port} on 127.0.0.1 is already in use (the Web UI: --ui-port takes another, --headless leaves it out)\n`,
    );
  } finally {
    other.close();
  }
});

test('a bad flag is one clear line and exit code 1', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--nonsense'], /unknown option '--nonsense'/],
    [['--port', 'x'], /'--port?.*port from 0 to 65535|port from 0 to 65535/],
    [['--port', '70000'], /port from 0 to 65535/],
    [['--shards', '0'], /at least 1/],
    [['--log-level', 'loud'], /one of debug, info, warn, error, never/],
    [['--log-format', 'xml'], /text or json/],
    [['--search-attribute', 'A=Blob'], /NAME=TYPE/],
    [['--sqlite-pragma', 'a;b=c'], /PRAGMA=VALUE/],
    [['--dynamic-config-value', 'a'], /KEY=JSON/],
    [['--dynamic-config-value', 'a=x'], /not JSON/],
    [['--transport', 'carrier-pigeon'], /Allowed choices are ostinato, node/],
    [['--database-url', 'mysql://x'], /must begin with postgres:\/\//],
    [['--ui-port', '65536'], /port from 0 to 65535/],
    [['--ui-public-path', '/a"b'], /must be a path/],
    [['--ui-asset-path', folder], /--ui-asset-path: .* has no index\.html/],
    [['--ui-ip', '203.0.113.7'], /has no address 203\.0\.113\.7/],
    [['--ip', '203.0.113.7'], /has no address 203\.0\.113\.7/],
    [
      ['--dynamic-config-file', '/does/not/exist.yaml'],
      /cannot load the dynamic configuration \/does\/not\/exist\.yaml/,
    ],
    [['-n', ''], /./],
  ];
  for (const [flags, expected] of cases) {
    const stderr = await refused('start-dev', ...(flags.includes('--port') ? [] : ['--port', '0']), ...flags);
    assert.match(stderr, expected, flags.join(' '));
    assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
    assert.match(stderr, /^error: /);
  }
  assert.match(await refused('begin'), /unknown command 'begin'/);
});

test('search attributes and dynamic configuration of the command line take effect', async () => {
  const server = startDev('--search-attribute', 'CustomerId=Keyword', '--dynamic-config-value', 'limit.maxIDLength=20');
  const connection = await Connection.connect({ address: await server.ready() });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
    assert.equal(customAttributes?.CustomerId, 2);
    const start = connection.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId: 'x'.repeat(21),
      workflowType: { name: 'any' },
      taskQueue: { name: 'any' },
      requestId: 'one',
    });
    await assert.rejects(start, /length exceeds limit/);
  } finally {
    await connection.close();
    await server.stop();
  }
});

test('a changed dynamic configuration file reaches the running server, and its mistakes are told', async () => {
  const path = join(folder, 'dynamic.yaml');
  writeFileSync(path, 'limit.maxIDLength:\n  - value: 30\nno.such.key:\n  - value: 1\n');
  utimesSync(path, 1_000, 1_000);
  const server = startDev('--dynamic-config-file', path);
  const connection = await Connection.connect({ address: await server.ready() });
  const startWith = (length: number) =>
    connection.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId: 'x'.repeat(length),
      workflowType: { name: 'any' },
      taskQueue: { name: 'any' },
      requestId: 'one',
    });
  try {
    await server.printed('no.such.key: unknown key');
    await assert.rejects(startWith(31), /length exceeds limit/);
    writeFileSync(path, 'limit.maxIDLength:\n  - value: 40\nfrontend.namespaceRPS:\n  - value: many\n');
    await server.printed(/frontend\.namespaceRPS: \S*many\S* is no int/i);
    await startWith(31);
  } finally {
    await connection.close();
    await server.stop();
  }
});

test('ostinato version', async () => {
  const { code, stdout } = await new ServerProcess(['version']).ended();
  assert.equal(code, 0);
  assert.match(stdout, /^ostinato \d+\.\d+\.\d+ \(Temporal 1\.31\.2, Node \d+\.\d+\.\d+\)\n$/);
});
