import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { after, before, test } from 'node:test';
import { parse as parseYaml } from 'yaml';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { ApiRequest as WorkerApiRequest } from '#proto/ostinato/worker/v1';
import { Payload, Payloads } from '#proto/temporal/api/common/v1';
import { EventType, HistoryEventFilterType } from '#proto/temporal/api/enums/v1';
import { History } from '#proto/temporal/api/history/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { silentLogger } from '../../metrics/logger.ts';
import { workflowAlreadyStarted } from '../../proto/service-errors.ts';
import type { ServerCall } from '../../rpc/handler.ts';
import { FrontendHarness } from '../testing/frontend-harness.ts';
import { createHttpApiServer, type HttpApiServer } from './http-api-server.ts';

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a client reads from JSON
  readonly json: any;
}

let harness: FrontendHarness;
let server: HttpApiServer;
let port: number;
let lastCall: ServerCall | undefined;
const hosts: { allowed: unknown } = { allowed: {} };

before(async () => {
  harness = new FrontendHarness({ monotonicNowMs: () => performance.now() });
  const watched = new Map(
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
  server = createHttpApiServer({
    host: '127.0.0.1',
    port: 0,
    methods: watched,
    dynamicConfig: { get: () => hosts.allowed as never },
    logger: silentLogger,
    serverVersion: '1.31.2',
    additionalForwardedHeaders: ['This-Header', 'Prefix-*'],
  });
  ({ port } = await server.start());
});
after(() => server.stop(1000));

function send(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = text.startsWith('{') ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

const payload = (data: string, encoding = 'json/plain') =>
  Payload.encode({ metadata: new Map([['encoding', Buffer.from(encoding)]]), data: Buffer.from(data) });
const payloads = (...data: string[]) => Payloads.encode({ payloads: data.map((each) => payload(each)) });
const plain = (bytes: Uint8Array | undefined) =>
  Payloads.decode(bytes as Uint8Array).payloads.map((each) => {
    const { metadata, data } = Payload.decode(each as Uint8Array);
    return `${Buffer.from(metadata.get('encoding') ?? []).toString()} ${Buffer.from(data).toString()}`;
  });

test('a start takes ids from the path and the rest from the body', async () => {
  harness.answer = () => api.StartWorkflowExecutionResponse.encode({ runId: 'run', started: true });
  const body = {
    workflowType: { name: 'Order' },
    task_queue: { name: 'orders' },
    input: [{ b: 1, a: '<' }, 'two', null],
    workflowRunTimeout: '1.5s',
    workflowIdReusePolicy: 'WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE',
  };
  const reply = await send('POST', '/namespaces/default/workflows/order%201', JSON.stringify(body));
  assert.equal(reply.status, 200);
  assert.deepEqual(reply.json, { runId: 'run', started: true });
  assert.equal(reply.text.includes('\n'), false);
  assert.equal(reply.headers['content-type'], 'application/json');
  const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
  assert.equal(request.namespace, 'default');
  assert.equal(request.workflowId, 'order 1');
  assert.equal(request.taskQueue?.name, 'orders');
  assert.equal(request.workflowRunTimeout, 1500);
  assert.equal(request.workflowIdReusePolicy, 3);
  assert.deepEqual(plain(request.input), ['json/plain {"a":"\\u003c","b":1}', 'json/plain "two"', 'binary/null ']);
});

test('payloads in full are taken in either form', async () => {
  const input = { payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'eyJhIjoxfQ==' }] };
  const start = { workflowType: { name: 'Order' }, taskQueue: { name: 'orders' }, input };
  for (const contentType of ['application/json', 'application/json+no-payload-shorthand']) {
    await send('POST', '/api/v1/namespaces/default/workflows/w', JSON.stringify(start), {
      'content-type': contentType,
    });
    const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
    assert.deepEqual(plain(request.input), ['json/plain {"a":1}'], contentType);
  }
});

test('history is shown with enums by name, times as text and payloads as wanted', async () => {
  const history = History.encode({
    events: [
      {
        eventId: 9,
        eventTime: Date.UTC(2026, 0, 2, 3, 4, 5, 250),
        eventType: EventType.WORKFLOW_EXECUTION_COMPLETED,
        workflowExecutionCompletedEventAttributes: { result: payloads('{"b":[],"a":1}') },
      },
    ],
  });
  harness.answer = () => api.GetWorkflowExecutionHistoryResponse.encode({ history });
  const path = '/namespaces/default/workflows/w/history?historyEventFilterType=2&execution.run_id=&maximumPageSize=5';
  const short = await send('GET', path);
  assert.deepEqual(short.json.history.events, [
    {
      eventId: '9',
      eventTime: '2026-01-02T03:04:05.250Z',
      eventType: 'EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED',
      workflowExecutionCompletedEventAttributes: { result: [{ a: 1, b: null }] },
    },
  ]);
  const request = harness.lastRequest(ApiRequest, api.GetWorkflowExecutionHistoryRequest);
  assert.equal(request.execution?.workflowId, 'w');
  assert.equal(request.historyEventFilterType, HistoryEventFilterType.CLOSE_EVENT);
  assert.equal(request.maximumPageSize, 5);

  const full = await send('GET', path, undefined, { accept: 'application/json+pretty+no-payload-shorthand' });
  assert.deepEqual(full.json.history.events[0].workflowExecutionCompletedEventAttributes.result, {
    payloads: [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: Buffer.from('{"b":[],"a":1}').toString('base64') }],
  });
  assert.equal(full.text.includes('\n'), true);
  assert.equal(full.headers['content-type'], 'application/json+pretty+no-payload-shorthand');
  const asked = await send('GET', `${path}&noPayloadShorthand&pretty`);
  assert.equal(asked.text, full.text);
});

test('a payload that has no short form is shown in full', async () => {
  harness.answer = () =>
    api.QueryWorkflowResponse.encode({ queryResult: Payloads.encode({ payloads: [payload('x', 'binary/plain')] }) });
  const reply = await send('POST', '/namespaces/default/workflows/w/query/state', '{"query":{"queryArgs":[1]}}');
  assert.deepEqual(reply.json.queryResult, {
    payloads: [{ metadata: { encoding: Buffer.from('binary/plain').toString('base64') }, data: 'eA==' }],
  });
  const request = harness.lastRequest(ApiRequest, api.QueryWorkflowRequest);
  assert.equal(request.query?.queryType, 'state');
  assert.deepEqual(plain(request.query?.queryArgs), ['json/plain 1']);
});

test('errors carry their code, message and details', async () => {
  harness.answer = () => Promise.reject(workflowAlreadyStarted('Workflow execution is already running.', 'r', 'run-1'));
  const start = JSON.stringify({ workflowType: { name: 'Order' }, taskQueue: { name: 'orders' } });
  const reply = await send('POST', '/namespaces/default/workflows/w', start);
  assert.equal(reply.status, 409);
  assert.deepEqual(reply.json, {
    code: 6,
    message: 'Workflow execution is already running.',
    details: [
      {
        '@type': 'type.googleapis.com/temporal.api.errordetails.v1.WorkflowExecutionAlreadyStartedFailure',
        startRequestId: 'r',
        runId: 'run-1',
      },
    ],
  });
});

test('what cannot be read is refused and reaches nobody', async () => {
  harness.routed.length = 0;
  const path = '/namespaces/default/workflows/w';
  const cases: readonly [string, string, string | undefined, number, string][] = [
    ['GET', '/nowhere', undefined, 404, 'Not Found'],
    ['DELETE', path, undefined, 501, 'Method Not Allowed'],
    ['POST', path, '{"nope": 1}', 400, 'unknown field "nope"'],
    ['POST', path, '[]', 400, 'unexpected token []'],
    ['POST', path, '{"workflowType": 3}', 400, 'unexpected token 3'],
    ['POST', path, '{"identity": 3}', 400, 'invalid value for string type: 3'],
    ['POST', path, '{"workflowRunTimeout": "soon"}', 400, 'invalid google.protobuf.Duration value "soon"'],
    ['POST', path, '{"workflowIdReusePolicy": "x"}', 400, 'invalid value for enum type: "x"'],
    [
      'GET',
      `${path}/history?waitNewEvent=maybe`,
      undefined,
      400,
      'parsing field "wait_new_event": strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [
      'GET',
      '/namespaces/default/workflows?pageSize=x',
      undefined,
      400,
      'parsing field "page_size": strconv.ParseInt: parsing "x": invalid syntax',
    ],
    ['POST', path, '{"request_id": "a", "requestId": "b"}', 400, 'duplicate field "requestId"'],
    ['POST', path, '{"identity": "\\ud800"}', 400, 'invalid value for string type: "\\ud800"'],
    [
      'GET',
      `${path}/history?nextPageToken=AA!!`,
      undefined,
      400,
      'parsing field "next_page_token": illegal base64 data at input byte 2',
    ],
    [
      'GET',
      `${path}/history?maximumPageSize=1&maximumPageSize=2`,
      undefined,
      400,
      'too many values for field "maximum_page_size": 1, 2',
    ],
    ['GET', '/namespaces/%ff/workflows', undefined, 400, 'Bad Request'],
    ['GET', '/namespaces/nowhere/workflows', undefined, 404, 'Namespace nowhere is not found.'],
    ['POST', '/namespaces/default/schedules/s', '{}', 501, 'method CreateSchedule not implemented'],
  ];
  for (const [method, target, body, status, message] of cases) {
    const reply = await send(method, target, body);
    assert.equal(reply.status, status, target);
    assert.equal(reply.json.message, message);
  }
  const broken = await send('POST', path, '{');
  assert.equal(broken.status, 400);
  assert.match(broken.json.message, /^syntax error: /);
  assert.equal(harness.routed.length, 0);
});

test('a body beyond the limit is refused', async () => {
  const reply = await send('POST', '/namespaces/default/workflows/w', 'x'.repeat(4 * 1024 * 1024 + 1)).catch(
    (error: NodeJS.ErrnoException) => error,
  );
  // The server may close before all of the body is sent.
  if (reply instanceof Error) assert.match(reply.code ?? '', /EPIPE|ECONNRESET/);
  else assert.equal(reply.status, 400);
});

test('query parameters may repeat and name fields either way', async () => {
  harness.answer = () => api.ListWorkflowExecutionsResponse.encode({ nextPageToken: new Uint8Array([1, 2]) });
  const reply = await send(
    'GET',
    '/namespaces/default/workflows?query=a%20%3D%201&page_size=7&nextPageToken=_-8&else=1',
  );
  assert.deepEqual(reply.json, { nextPageToken: 'AQI=' });
  const request = harness.lastRequest(WorkerApiRequest, api.ListWorkflowExecutionsRequest);
  assert.equal(request.query, 'a = 1');
  assert.equal(request.pageSize, 7);
  assert.deepEqual([...request.nextPageToken], [0xff, 0xef]);
});

test('a posted form stands for a GET, or for what a header says', async () => {
  harness.answer = () => api.ListWorkflowExecutionsResponse.encode({});
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const path = '/namespaces/default/workflows';
  const reply = await send('POST', `${path}?pageSize=7`, 'query=a%20%3D%201', form);
  assert.equal(reply.status, 200);
  const { query, pageSize } = harness.lastRequest(WorkerApiRequest, api.ListWorkflowExecutionsRequest);
  assert.deepEqual([query, pageSize], ['a = 1', 7]);
  const named = { ...form, 'x-http-method-override': 'delete' };
  assert.equal((await send('POST', `${path}/w`, '', named)).json.message, 'Method Not Allowed');
  // No form: only what was sent counts.
  assert.equal((await send('POST', path, '{}')).json.message, 'Method Not Allowed');
  assert.equal(
    (await send('DELETE', path, '', { 'x-http-method-override': 'GET' })).json.message,
    'Method Not Allowed',
  );
});

test('a path with empty or dotted parts is asked for elsewhere', async () => {
  for (const [path, location] of [
    ['//namespaces?a=b', '/namespaces?a=b'],
    ['/namespaces/default/workflows//history', '/namespaces/default/workflows/history'],
    ['/namespaces/./default/../other/', '/namespaces/other/'],
    ['/namespaces/default/workflows/a%2F%2Fb', '/namespaces/default/workflows/a/b'],
  ] as const) {
    const reply = await send('GET', path);
    assert.equal(reply.status, 301, path);
    assert.equal(reply.headers.location, location);
  }
});

test('a call whose time is over before it begins reaches nobody', async () => {
  harness.routed.length = 0;
  const reply = await send('GET', '/namespaces/default/workflows', undefined, { 'Grpc-Timeout': '10u' });
  assert.equal(reply.status, 504);
  assert.deepEqual(reply.json, { code: 4, message: 'context deadline exceeded' });
  assert.equal(harness.routed.length, 0);
});

test('headers become metadata as with grpc-gateway', async () => {
  harness.answer = () => api.ListWorkflowExecutionsResponse.encode({});
  await send('GET', '/namespaces/default/workflows', undefined, {
    Authorization: 'my-auth-token',
    'X-Forwarded-For': '1.2.3.4:5678',
    'This-Header': 'some-value',
    'Prefix-Foo': 'foo',
    'Other-Header': 'not passed',
    'Grpc-Metadata-Mine': 'mine',
    'Grpc-Timeout': '30S',
  });
  const metadata = lastCall?.metadata;
  assert.equal(metadata?.get('authorization'), 'my-auth-token');
  assert.equal(metadata?.get('x-forwarded-for'), '1.2.3.4:5678, 127.0.0.1');
  assert.equal(metadata?.get('this-header'), 'some-value');
  assert.equal(metadata?.get('prefix-foo'), 'foo');
  assert.equal(metadata?.get('mine'), 'mine');
  assert.equal(metadata?.get('other-header'), undefined);
  assert.equal(metadata?.get('client-name'), 'temporal-server-http');
  assert.equal(metadata?.get('client-version'), '1.31.2');
  const remainingMs = (lastCall?.deadlineMs ?? 0) - performance.now();
  assert.ok(remainingMs > 20_000 && remainingMs <= 30_000);
});

test('a client that goes away cancels its call', async () => {
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  harness.answer = ({ options }) => {
    begin();
    return new Promise(() => options?.cancellation?.listen({ onCancelled: () => resolve() }));
  };
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path: '/namespaces/default/workflows/w/history?waitNewEvent=true',
  });
  request.on('error', () => {});
  request.end();
  await begun;
  request.destroy();
  await aborted;
});

test('the API describes itself', async () => {
  const second = await send('GET', '/swagger.json');
  const start = second.json.paths['/namespaces/{namespace}/workflows/{workflow_id}'].post;
  assert.equal(start.operationId, 'StartWorkflowExecution');
  const body = start.parameters.find((each: { in: string }) => each.in === 'body').schema.$ref;
  const definition = second.json.definitions[body.slice('#/definitions/'.length)];
  assert.deepEqual(definition.properties.workflowRunTimeout, { type: 'string' });
  const third = parseYaml((await send('GET', '/openapi.yaml')).text);
  const list = third.paths['/namespaces/{namespace}/workflows'].get;
  assert.deepEqual(
    list.parameters.map((each: { name: string; in: string }) => `${each.in} ${each.name}`),
    ['path namespace', 'query pageSize', 'query nextPageToken', 'query query'],
  );
  const answer = list.responses[200].content['application/json'].schema.$ref.split('/').at(-1);
  assert.ok(third.components.schemas[answer].properties.executions);
});

test('hosts can be limited', async () => {
  hosts.allowed = ['*.example.com'];
  assert.equal((await send('GET', '/system-info')).status, 403);
  assert.equal((await send('GET', '/system-info', undefined, { host: 'api.example.com' })).status, 200);
  hosts.allowed = {};
  const info = await send('GET', '/api/v1/system-info?pretty');
  assert.equal(info.json.serverVersion, '1.31.2');
  assert.match(info.text, /\n/);
});
