// native-free-bench works: every workload, both loops, what a report holds. Nothing here judges speed.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Connection, WorkflowClient } from '@temporalio/client';
import { HttpDriver } from '../../native-free-bench/client/http-driver.ts';
import { LineDriver } from '../../native-free-bench/client/line-driver.ts';
import { openAppendDriver } from '../../native-free-bench/growth/append.ts';
import { openPendingDriver } from '../../native-free-bench/growth/pending-activities.ts';
import { makeStock, STOCK_FLAGS } from '../../native-free-bench/growth/stock.ts';
import { openSpreadDriver } from '../../native-free-bench/growth/task-queues.ts';
import { type Driver, Failures } from '../../native-free-bench/load/driver.ts';
import { Figures } from '../../native-free-bench/load/figures.ts';
import { delay, runLoop } from '../../native-free-bench/load/loops.ts';
import { ServerMeter } from '../../native-free-bench/measure/server-meter.ts';
import { startOstinato } from '../../native-free-bench/peers/ostinato.ts';
import type { Result } from '../../native-free-bench/report/result.ts';
import { LOOP_WORKLOADS } from '../../native-free-bench/workloads/index.ts';

const PROJECT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'ostinato-bench-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const nowhere = new ServerMeter({ name: 'none', address: '', pid: undefined, databaseUrl: undefined });

/** What each workload is measured by, besides its start. */
const FIGURE_OF: Readonly<Record<string, string>> = {
  'one-activity': 'activityScheduleToStart',
  'ten-in-sequence': 'activityScheduleToStart',
  'hundred-in-parallel': 'activityScheduleToStart',
  timer: 'timerLateness',
  signal: 'signalToTask',
  update: 'updateRoundTrip',
  query: 'queryRoundTrip',
  child: 'childRoundTrip',
  'start-only': 'start',
  'backlog-drain': 'backlogPause',
};

test('every workload runs, and its report tells latency, CPU, memory, disk and store calls', () => {
  const json = join(folder, 'results.json');
  const html = join(folder, 'results.html');
  const names = [...LOOP_WORKLOADS.map(({ name }) => name), 'backlog-drain', 'idle-polls'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...['native-free-bench/main.ts', '--compare', 'ours=ostinato-sqlite', '--workload', names.join(',')],
      ...['--in-flight', '2', '--seconds', '1', '--warm-up', '0.1', '--rounds', '1', '--tasks', '50', '--polls', '20'],
      ...['--json', json, '--html', html],
    ],
    { cwd: PROJECT, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr + stdout);
  const results = JSON.parse(readFileSync(json, 'utf8')) as Result[];
  assert.deepEqual(
    results.map(({ workload }) => workload),
    names,
  );
  for (const result of results) {
    assert.equal(result.errors, 0, result.workload);
    assert.ok(result.rssBytes! > 0 && result.cores! > 0);
    if (result.workload === 'idle-polls') continue;
    assert.ok(result.operations > 0, result.workload);
    assert.ok(result.cpuUsPerOperation! > 0);
    assert.ok(result.storeCallsPerOperation! > 0);
    assert.ok(result.storedBytesPerOperation !== undefined);
    const figure = result.latencies[FIGURE_OF[result.workload] as keyof Result['latencies']];
    assert.ok(figure !== undefined && figure.count > 0, result.workload);
    assert.ok(figure.p50Ms <= figure.p99Ms && figure.p99Ms <= figure.maxMs);
  }
  const page = readFileSync(html, 'utf8');
  for (const name of names) assert.match(page, new RegExp(`<h2>${name}, `));
  assert.match(page, /<polyline/);
});

test('an open loop counts from when an operation was due: a stall shows in all that it held up', async () => {
  const stallMs = 400;
  let operations = 0;
  let stalledUntilMs = 0;
  const driver: Driver = {
    failures: new Failures(),
    async operate(intendedAtMs, figures) {
      if (++operations === 50) stalledUntilMs = performance.now() + stallMs;
      // The generator stands still with the server: what comes due meanwhile cannot even be sent.
      while (performance.now() < stalledUntilMs);
      figures.record('endToEnd', performance.now() - intendedAtMs);
    },
    close() {},
  };
  const round = await runLoop(driver, nowhere, { inFlight: 0, rate: 100, warmUpMs: 0, measureMs: 1000 });
  const latency = round.figures.histograms.get('endToEnd')!;
  // 40 operations come due in the stall, so a fifth of all waited for at least half of it.
  assert.ok(latency.getValueAtPercentile(85) >= (stallMs / 2) * 1000, String(latency.getValueAtPercentile(85)));
  assert.equal(round.unfinished, 0);
});

test('what an open loop could not finish is told, and counts with its age', async () => {
  const driver: Driver = {
    failures: new Failures(),
    operate: () => new Promise(() => {}),
    close() {},
  };
  const options = { inFlight: 0, rate: 50, warmUpMs: 0, measureMs: 200, drainMs: 100 };
  const round = await runLoop(driver, nowhere, options);
  assert.ok(round.unfinished > 0);
  assert.equal(round.operations, 0);
  assert.equal(round.figures.histograms.get('endToEnd')!.totalCount, round.unfinished);
});

test('a closed loop keeps its operations in flight and counts failures', async () => {
  let underWay = 0;
  let most = 0;
  let calls = 0;
  const driver: Driver = {
    failures: new Failures(),
    async operate() {
      most = Math.max(most, ++underWay);
      await delay(1);
      underWay--;
      if (++calls % 5 === 0) throw new Error('every fifth');
    },
    close() {},
  };
  await runLoop(driver, nowhere, { inFlight: 7, rate: undefined, warmUpMs: 0, measureMs: 200 });
  assert.equal(most, 7);
  assert.ok(driver.failures.count > 0);
  assert.deepEqual(new Set(driver.failures.messages), new Set(['operation: every fifth']));
});

test('servers behind HTTP and behind a socket of lines are driven too', async () => {
  let answer = 200;
  const http = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(answer).end());
  }).listen(0, '127.0.0.1');
  const lines = createSocketServer((socket) => {
    socket.on('data', (chunk: Buffer) => {
      const ids = chunk.toString().trim().split('\n');
      socket.write(ids.map((id, index) => `${id}${index === 0 ? '' : ' refused'}\n`).join(''));
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await Promise.all([http, lines].map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const portOf = (server: { address(): unknown }): number => (server.address() as { port: number }).port;
  try {
    const overHttp = new HttpDriver(`http://127.0.0.1:${portOf(http)}/`);
    const figures = new Figures();
    await overHttp.operate(performance.now(), figures);
    assert.equal(figures.histograms.get('endToEnd')!.totalCount, 1);
    answer = 500;
    await assert.rejects(overHttp.operate(performance.now(), figures), /answered 500/);
    overHttp.close();

    const overLines = await LineDriver.connect(portOf(lines));
    const both = [overLines.operate(performance.now(), figures), overLines.operate(performance.now(), figures)];
    const [first, second] = await Promise.allSettled(both);
    assert.equal(first?.status, 'fulfilled');
    assert.match(String((second as PromiseRejectedResult).reason), /refused/);
    overLines.close();
  } finally {
    http.close();
    lines.close();
  }
});

test('the loads of the growth questions run', async () => {
  const server = await startOstinato({ name: 'growth', postgres: undefined });
  try {
    for (const driver of [
      await openAppendDriver(server.address, 60),
      await openPendingDriver(server.address, 120),
      await openSpreadDriver(server.address, 3, 6),
    ]) {
      const figures = new Figures();
      for (let i = 0; i < 6; i++) await driver.operate(performance.now(), figures);
      driver.close();
      assert.equal(driver.failures.count, 0, driver.failures.messages.join());
      const measured = [...figures.histograms.entries()].filter(
        ([name]) => name === 'endToEnd' || name === 'signalToTask',
      );
      assert.equal(measured[0]?.[1].totalCount, 6);
    }
  } finally {
    await server.stop();
  }
});

test('a stock of workflows is as if a server had run them', async () => {
  const dataFile = join(folder, 'stock', 'data.db');
  await makeStock(dataFile, { closed: 30, open: 20 }, () => {});
  const server = await startOstinato({ name: 'stock', postgres: undefined, dataFile, flags: STOCK_FLAGS });
  const connection = await Connection.connect({ address: server.address });
  try {
    const client = new WorkflowClient({ connection });
    assert.deepEqual(
      await Promise.all(
        [client.count("ExecutionStatus='Completed'"), client.count("ExecutionStatus='Running'")].map(
          async (answer) => (await answer).count,
        ),
      ),
      [31, 21],
    );
    let seen = 0;
    for await (const { workflowId, runId, status } of client.list()) {
      const handle = client.getHandle(workflowId, runId);
      const described = await handle.describe();
      assert.deepEqual(
        [described.workflowId, described.runId, described.status.name],
        [workflowId, runId, status.name],
      );
      const { events } = await handle.fetchHistory();
      assert.equal(events?.length, described.historyLength);
      if (status.name === 'RUNNING') await handle.terminate('enough');
      seen++;
    }
    assert.equal(seen, 52);
  } finally {
    await connection.close();
    await server.stop();
  }
});
