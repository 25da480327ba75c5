// The Web UI's port of `ostinato start-dev`, as a process: where it listens, what it serves from a folder, how it stops. The UI itself in a
// browser: test/web-ui.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Client, Connection } from '@temporalio/client';
import { freePort, isFree } from '../../native-free-bench/peers/free-ports.ts';
import { ServerProcess } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'ostinato-ui-files-'));
writeFileSync(join(folder, 'index.html'), '<html>of the test { base: "" }</html>');
writeFileSync(join(folder, 'favicon.ico'), 'icon');
type Json = Readonly<Record<string, unknown>>;

const running = new Set<ServerProcess>();
after(async () => {
  for (const server of running) await server.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

async function start(...flags: string[]): Promise<{ server: ServerProcess; address: string; url: string }> {
  const server = new ServerProcess(['start-dev', '--port', '0', ...flags]);
  running.add(server);
  const address = await server.ready();
  return { server, address, url: /Web UI:\s+(\S+)/.exec(server.stdout)?.[1] ?? '' };
}

async function stop(server: ServerProcess): Promise<void> {
  const { code, stopMs, stderr } = await server.stop();
  running.delete(server);
  assert.equal(code, 0, stderr);
  assert.ok(stopMs < 5_000);
}

test('it serves the UI from a folder, and the API to it', async () => {
  const { server, address, url } = await start('--ui-asset-path', folder, '--ui-codec-endpoint', 'http://codec');
  assert.equal(await (await fetch(url)).text(), '<html>of the test { base: "" }</html>');
  assert.equal((await fetch(`${url}/namespaces`)).status, 200);
  assert.equal(await (await fetch(`${url}/favicon.ico`)).text(), 'icon');
  const settings = (await (await fetch(`${url}/api/v1/settings`)).json()) as { Codec: { Endpoint: string } };
  assert.equal(settings.Codec.Endpoint, 'http://codec');
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const handle = await client.workflow.start('any', { workflowId: 'a/b', taskQueue: 'q', args: [[]] });
  const run = `${url}/api/v1/namespaces/default/workflows/a%2Fb`;
  const history = await (await fetch(`${run}/history?execution.runId=${handle.firstExecutionRunId}`)).json();
  const [started] = (history as { history: { events: { workflowExecutionStartedEventAttributes: Json }[] } }).history
    .events;
  assert.deepEqual(started?.workflowExecutionStartedEventAttributes.input, {
    payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'W10=' }],
  });
  const terminate = (site: string) =>
    fetch(`${run}/terminate`, { method: 'POST', headers: { 'sec-fetch-site': site }, body: '{}' });
  assert.equal((await terminate('cross-site')).status, 403);
  assert.equal((await handle.describe()).status.name, 'RUNNING');
  assert.equal((await terminate('same-origin')).status, 200);
  assert.equal((await handle.describe()).status.name, 'TERMINATED');
  await connection.close();
  await stop(server);
});

test('a long poll of the UI does not hold the server up', async () => {
  const { server, address, url } = await start('--ui-asset-path', folder);
  const connection = await Connection.connect({ address });
  const { firstExecutionRunId } = await new Client({ connection }).workflow.start('any', {
    workflowId: 'w',
    taskQueue: 'q',
  });
  const history = `${url}/api/v1/namespaces/default/workflows/w/history?execution.runId=${firstExecutionRunId}`;
  const { nextPageToken } = (await (await fetch(`${history}&waitNewEvent=true`)).json()) as { nextPageToken: string };
  const polled = fetch(`${history}&waitNewEvent=true&nextPageToken=${encodeURIComponent(nextPageToken)}`).then(
    (response) => response.status,
    () => 'hung up',
  );
  await connection.close();
  await stop(server);
  await polled;
});

test('its port is the gRPC port and a thousand, its address that of --ip, unless told otherwise', async () => {
  const [grpcPort, uiPort] = await freePorts();
  const { server, url } = await start('--port', String(grpcPort));
  assert.equal(url, `http://127.0.0.1:${grpcPort + 1000}`);
  await stop(server);
  const other = await start('--ui-port', String(uiPort), '--ui-ip', '127.0.0.2', '--ui-public-path', 'temporal/');
  assert.equal(other.url, `http://127.0.0.2:${uiPort}/temporal`);
  assert.equal((await fetch(`${other.url}/healthz`)).status, 200);
  await stop(other.server);
});

test('headless there is none', async () => {
  const { server, url } = await start('--headless', '--ui-asset-path', join(folder, 'not-there'));
  assert.equal(url, '');
  await stop(server);
});

/** Two that are free, and so is the one a thousand above the first. */
async function freePorts(): Promise<readonly [number, number]> {
  for (;;) {
    const first = await freePort();
    if (await isFree(first + 1000)) return [first, await freePort()];
  }
}
