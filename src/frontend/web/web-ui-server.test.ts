import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { History } from '#proto/temporal/api/history/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { silentLogger } from '../../metrics/logger.ts';
import { notFound } from '../../proto/service-errors.ts';
import type { ServerCall } from '../../rpc/handler.ts';
import { FrontendHarness } from '../testing/frontend-harness.ts';
import type { AssetSource } from './asset-source.ts';
import { EmbeddedAssets } from './embedded-assets.ts';
import { FolderAssets } from './folder-assets.ts';
import { createWebUiServer, type WebUiOptions, type WebUiServer } from './web-ui-server.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads from JSON
  readonly json: any;
}

const INDEX = '<html><script>{ base: "" }</script><link href="/_app/immutable/a.css"></html>';
const FILES: Readonly<Record<string, string>> = {
  'index.html': INDEX,
  'favicon.ico': 'icon',
  '_app/version.json': '{"version":"1"}',
  '_app/immutable/a.css': 'a { color: red }',
  '_app/immutable/b.js': 'export {}',
  'logo ä.svg': '<svg/>',
};
/** Not a letter that is special anywhere; what a browser sends on its own. */
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

const root = mkdtempSync(join(tmpdir(), 'ostinato-web-ui-'));
const folder = join(root, 'files');
const servers = new Set<WebUiServer>();
let harness: FrontendHarness;
let lastCall: ServerCall | undefined;
/** One with files and one without, of the same frontend. */
let port: number;
let barePort: number;

before(async () => {
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(root, 'secret.txt'), 'secret');
  writeFileSync(join(folder, '.hidden'), 'secret');
  harness = new FrontendHarness({ monotonicNowMs: () => performance.now() });
  port = await serve({ assets: new FolderAssets(folder) });
  barePort = await serve({});
});
after(async () => {
  await Promise.all([...servers].map((server) => server.stop(0)));
  rmSync(root, { recursive: true, force: true });
});

async function serve(options: Partial<WebUiOptions>): Promise<number> {
  const methods = new Map(
    [...harness.methods].map(([path, handler]) => [
      path,
      handler.kind !== 'unary'
        ? handler
        : {
            kind: 'unary' as const,
            handle: (call: ServerCall, message: Uint8Array) => {
              lastCall = call;
              handler.handle(call, message);
            },
          },
    ]),
  );
  const server = createWebUiServer({
    host: '127.0.0.1',
    port: 0,
    methods,
    serverVersion: '1.31.2',
    logger: silentLogger,
    assets: undefined,
    remedy: 'Get <b>them</b>.',
    publicPath: '',
    defaultNamespace: 'default',
    codecEndpoint: '',
    disableNewsFetch: false,
    ...options,
  });
  servers.add(server);
  return (await server.start()).port;
}

function send(
  at: number,
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: at, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString();
        const json = /^[[{]/.test(text) ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: bytes, text, json });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

test('files come with their type and what a browser may do with them', async () => {
  const types = {
    '/_app/immutable/a.css': ['text/css; charset=utf-8', 'public, max-age=31536000, immutable'],
    '/_app/immutable/b.js': ['text/javascript; charset=utf-8', 'public, max-age=31536000, immutable'],
    '/_app/version.json': ['application/json', 'no-cache'],
    '/favicon.ico': ['image/x-icon', 'no-cache'],
    '/logo%20%C3%A4.svg': ['image/svg+xml', 'no-cache'],
  };
  for (const [path, [type, caching]] of Object.entries(types)) {
    const reply = await send(port, `${path}?v=1`);
    assert.equal(reply.status, 200, path);
    assert.equal(reply.text, FILES[decodeURIComponent(path.slice(1))]);
    assert.equal(reply.headers['content-type'], type);
    assert.equal(reply.headers['cache-control'], caching);
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    const head = await send(port, path, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text], [200, '']);
    assert.equal(head.headers['content-length'], String(reply.body.length));
    const again = await send(port, path, { headers: { 'if-none-match': `"x", ${reply.headers.etag}` } });
    assert.deepEqual([again.status, again.text], [304, '']);
  }
  assert.equal((await send(port, '/_app/immutable/c.js')).status, 404);
  assert.equal((await send(port, '/_app/immutable')).status, 404);
});

test('a file that changed is sent again', async () => {
  const { headers } = await send(port, '/favicon.ico');
  writeFileSync(join(folder, 'favicon.ico'), 'another icon');
  const reply = await send(port, '/favicon.ico', { headers: { 'if-none-match': String(headers.etag) } });
  assert.deepEqual([reply.status, reply.text], [200, 'another icon']);
});

test('every other path is the page of the UI, for the UI to make sense of', async () => {
  for (const path of ['/', '/namespaces', '/namespaces/default/workflows/a%2Fb', '/index.html', '/%zz', '/healthz/x']) {
    const reply = await send(port, path);
    assert.deepEqual([reply.status, reply.text], [200, INDEX], path);
    assert.equal(reply.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(reply.headers['cache-control'], 'no-cache');
    const again = await send(port, path, { headers: { 'if-none-match': String(reply.headers.etag) } });
    assert.equal(again.status, 304);
  }
});

test('no path leads out of the folder', async () => {
  symlinkSync(join(root, 'secret.txt'), join(folder, 'link.txt'));
  assert.equal((await send(port, '/link.txt')).text, 'secret', 'a link that somebody put there is meant');
  const paths = [
    '/../secret.txt',
    '/_app/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/_app/%2e%2e/%2e%2e/secret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/.hidden',
    '/_app//../.hidden',
    '/favicon.ico%00.html',
    `//${root}/secret.txt`,
    `/${encodeURIComponent(join(root, 'secret.txt'))}`,
    'http://127.0.0.1/../secret.txt',
  ];
  for (const path of paths) {
    const reply = await send(port, path);
    assert.doesNotMatch(reply.text, /secret/, path);
    assert.ok(reply.status === 404 || reply.text === INDEX, path);
  }
});

test('without files there is a page that says so and how they are had', async () => {
  for (const path of ['/', '/namespaces']) {
    const reply = await send(barePort, path);
    assert.equal(reply.status, 200);
    assert.match(reply.text, /The files of the Temporal Web UI are not installed/);
    assert.match(reply.text, /Get <b>them<\/b>\./);
    assert.match(reply.text, /href="\/api\/v1\/namespaces"/);
  }
  assert.equal((await send(barePort, '/_app/immutable/a.css')).status, 404);
});

test('embedded files go out compressed to those who can read that', async () => {
  const read = (path: string) => (FILES[path] === undefined ? undefined : brotliCompressSync(FILES[path]));
  const at = await serve({ assets: new EmbeddedAssets(read) });
  const plain = await send(at, '/_app/immutable/a.css', { headers: { 'accept-encoding': 'gzip, br;q=0' } });
  assert.deepEqual([plain.text, plain.headers['content-encoding']], [FILES['_app/immutable/a.css'], undefined]);
  const packed = await send(at, '/_app/immutable/a.css', { headers: { 'accept-encoding': 'gzip, deflate, br' } });
  assert.equal(packed.headers['content-encoding'], 'br');
  assert.equal(packed.headers.vary, 'accept-encoding');
  assert.equal(brotliDecompressSync(packed.body).toString(), FILES['_app/immutable/a.css']);
  const page = await send(at, '/namespaces', { headers: { 'accept-encoding': 'br' } });
  assert.deepEqual([page.text, page.headers['content-encoding']], [INDEX, undefined]);
  assert.equal((await send(at, '/../package.json')).text, INDEX);
});

test('a file that cannot be read is an error that is logged, and the next request is answered', async () => {
  const assets: AssetSource = {
    open: (path) => (path === 'bad' ? Promise.reject(new Error('disk')) : Promise.resolve(undefined)),
  };
  const at = await serve({ assets });
  assert.equal((await send(at, '/bad')).status, 500);
  assert.equal((await send(at, '/healthz')).status, 200);
});

test('settings say what is true of this server', async () => {
  const at = await serve({ codecEndpoint: 'http://codec:8081', disableNewsFetch: true });
  const { json } = await send(at, '/api/v1/settings?x');
  assert.equal(json.Version, '2.54.1');
  assert.equal(json.DefaultNamespace, 'default');
  assert.equal(json.Codec.Endpoint, 'http://codec:8081');
  assert.equal(json.DisableNewsFetch, true);
  assert.equal(json.Auth.Enabled, false);
  const batch = await harness.call(
    'StartBatchOperation',
    api.StartBatchOperationRequest.encode({ namespace: 'default' }),
  );
  assert.equal(json.BatchActionsDisabled, batch.status?.code === 12);
});

test('it is healthy', async () => {
  assert.deepEqual((await send(barePort, '/healthz')).json, { status: 'OK' });
});

test('the API answers with payloads in full, as the UI decodes them, in the name of the UI', async () => {
  harness.answer = () =>
    api.StartWorkflowExecutionResponse.encode({
      runId: 'a-run',
      started: true,
    });
  const input = { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'eyJhIjpbXX0=' }] };
  const reply = await send(barePort, '/api/v1/namespaces/default/workflows/a%2Fb%20%25', {
    method: 'POST',
    headers: {
      ...SAME_ORIGIN,
      'content-type': 'application/json',
      'client-name': 'somebody',
      'caller-type': 'operator',
    },
    body: JSON.stringify({ workflowType: { name: 'w' }, taskQueue: { name: 'q' }, requestId: 'r', input }),
  });
  assert.equal(reply.status, 200, reply.text);
  assert.equal(reply.json.runId, 'a-run');
  const { request } = ApiRequest.decode(harness.routed.at(-1)?.request as Uint8Array);
  const start = api.StartWorkflowExecutionRequest.decode(request);
  assert.equal(start.workflowId, 'a/b %');
  const [payload] = Payloads.decode(start.input as Uint8Array).payloads;
  assert.equal(Buffer.from(Payload.decode(payload as Uint8Array).data).toString(), '{"a":[]}');
  assert.equal(lastCall?.metadata.get('client-name'), 'temporal-ui');
  assert.equal(lastCall?.metadata.get('client-version'), '2.54.1');
  assert.equal(lastCall?.metadata.get('caller-type'), 'operator');
});

test('a call that changes something must come from the UI', async () => {
  const path = '/api/v1/namespaces/default/workflows/w/terminate';
  harness.answer = () => new Uint8Array(0);
  const post = (headers: Record<string, string>) => send(barePort, path, { method: 'POST', headers, body: '{}' });
  const calls = harness.routed.length;
  assert.deepEqual((await post({})).json, { message: 'missing csrf token in request header' });
  assert.equal((await post({ 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal((await post({ 'sec-fetch-site': 'same-site' })).status, 400);
  assert.equal((await post({ cookie: '_csrf=abc', 'x-csrf-token': 'abd' })).status, 403);
  assert.equal((await post({ 'x-csrf-token': '' })).status, 403);
  assert.equal(harness.routed.length, calls);
  assert.equal((await post(SAME_ORIGIN)).status, 200);
  assert.equal((await post({ 'sec-fetch-site': 'none' })).status, 200);
  assert.equal((await post({ authorization: 'Bearer x' })).status, 200);
  const cookie = String((await send(barePort, '/')).headers['set-cookie']);
  assert.match(cookie, /^_csrf=[0-9a-f]{32}; Path=\/; Max-Age=86400; SameSite=Strict$/);
  const token = cookie.slice('_csrf='.length, cookie.indexOf(';'));
  const headers = { 'sec-fetch-site': 'same-site', cookie: `a=b; _csrf=${token}`, 'x-csrf-token': token };
  const sent = await post(headers);
  assert.equal(sent.status, 200);
  assert.equal(sent.headers['set-cookie'], undefined);
});

test('no other origin is allowed to read', async () => {
  const reply = await send(barePort, '/api/v1/settings', {
    method: 'OPTIONS',
    headers: { origin: 'http://evil.example' },
  });
  assert.equal(reply.status, 204);
  assert.equal(reply.headers['access-control-allow-origin'], undefined);
});

test('what has no route is refused', async () => {
  assert.deepEqual((await send(barePort, '/api/v1/nothing')).json, { code: 5, message: 'Not Found' });
  assert.equal((await send(barePort, '/api/v1/namespaces/%zz')).status, 400);
  assert.equal((await send(barePort, '/namespaces', { method: 'POST', headers: SAME_ORIGIN })).status, 405);
});

test('a history is one list, page after page, and a missing run is an error', async () => {
  const asked: string[] = [];
  harness.answer = (call) => {
    const { request } = ApiRequest.decode(call.request);
    const { execution, nextPageToken } = api.GetWorkflowExecutionHistoryRequest.decode(request);
    asked.push(`${execution?.workflowId} ${execution?.runId} ${Buffer.from(nextPageToken)}`);
    if (execution?.workflowId === 'none') throw notFound('workflow not found for ID: none');
    const last = 2 * asked.length;
    return api.GetWorkflowExecutionHistoryResponse.encode({
      history: History.encode({ events: [{ eventId: last - 1 }, { eventId: last }] }),
      nextPageToken: Buffer.from(asked.length < 3 ? `token+${asked.length}` : ''),
    });
  };
  const runId = 'b1d6e2c4-9d3e-4f0a-a7b4-1f5b8a6c9d10';
  const reply = await send(barePort, `/api/v1/namespaces/default/workflows/a%2Fb/run/${runId}/history.json`);
  assert.deepEqual(
    reply.json.map((event: { eventId: string }) => event.eventId),
    ['1', '2', '3', '4', '5', '6'],
  );
  assert.deepEqual(asked, [`a/b ${runId} `, `a/b ${runId} token+1`, `a/b ${runId} token+2`]);
  const missing = await send(barePort, `/api/v1/namespaces/default/workflows/none/run/${runId}/history.json`);
  assert.equal(missing.status, 404);
});

test('Markdown is shown in a page that can do nothing', async () => {
  const content = encodeURIComponent('**bold** <script>x</script>');
  const reply = await send(barePort, `/render?content=${content}&theme=dark&overrideTheme=primary&compact=true`);
  assert.match(reply.text, /<strong>bold<\/strong> &lt;script&gt;/);
  assert.match(reply.text, /<body class="prose compact" data-theme="dark-primary">/);
  const policy = String(reply.headers['content-security-policy']);
  assert.match(policy, /default-src 'none'; style-src 'nonce-([0-9a-f]{32})'; frame-ancestors 'self'/);
  assert.doesNotMatch(policy, /script-src|unsafe/);
  const evil = await send(barePort, `/render?theme=${encodeURIComponent('"><script>')}`);
  assert.doesNotMatch(evil.text, /"><script>/);
});

test('details of a run may be as long as a server takes them', async () => {
  const details = '%C3%A4'.repeat(10_000);
  const reply = await send(barePort, `/render?content=${details}`);
  assert.equal(reply.status, 200);
  assert.ok(reply.text.includes('ä'.repeat(10_000)));
});

test('under a public path everything answers below it, and the API and files without it too', async () => {
  const at = await serve({ assets: new FolderAssets(folder), publicPath: '/temporal' });
  for (const path of ['/temporal', '/temporal/', '/temporal/namespaces?a', '/temporal?a']) {
    const { text } = await send(at, path);
    assert.match(text, /base: "\/temporal"/, path);
    assert.match(text, /"\/temporal\/_app\/immutable\/a\.css"/);
  }
  for (const prefix of ['', '/temporal']) {
    assert.equal((await send(at, `${prefix}/_app/version.json`)).text, FILES['_app/version.json']);
    assert.equal((await send(at, `${prefix}/api/v1/settings`)).json.Version, '2.54.1');
    assert.equal((await send(at, `${prefix}/healthz`)).json.status, 'OK');
  }
  for (const path of ['/', '/namespaces?a=b', '/temporalish']) {
    const reply = await send(at, path);
    assert.deepEqual([reply.status, reply.headers.location], [308, `/temporal${path}`]);
  }
});
