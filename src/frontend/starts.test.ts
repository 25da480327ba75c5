// How a start is prepared before it goes to history: its shard, defaults, caps, callbacks, search attributes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { TaskQueueKind, WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '#proto/temporal/api/enums/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { shardIdOf } from '../runtime/shard-id.ts';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';
import { BYTES_10, START, start } from './testing/requests.ts';

test('a start goes to the shard of its workflow with the defaults filled', async () => {
  const harness = new FrontendHarness();
  harness.answer = () => api.StartWorkflowExecutionResponse.encode({ runId: 'run', started: true });
  const message = start({ retryPolicy: { initialInterval: 2000 }, taskQueue: { name: 'orders' } });
  const { response } = await harness.call('StartWorkflowExecution', message, {
    headers: { 'client-name': 'temporal-go', 'client-version': '1.30.0', 'supported-features': 'follows-next-run-id' },
  });
  assert.equal(api.StartWorkflowExecutionResponse.decode(response as Uint8Array).runId, 'run');
  const [routed] = harness.routed;
  assert.equal(routed?.target, shardIdOf(NAMESPACE_ID, 'order-1', 4));
  const envelope = ApiRequest.decode(routed?.request as Uint8Array);
  assert.equal(envelope.namespaceId, NAMESPACE_ID);
  assert.equal(envelope.clientName, 'temporal-go');
  assert.equal(envelope.clientVersion, '1.30.0');
  assert.equal(envelope.supportedFeatures, 'follows-next-run-id');
  const request = api.StartWorkflowExecutionRequest.decode(envelope.request);
  assert.equal(request.workflowIdReusePolicy, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
  assert.equal(request.workflowIdConflictPolicy, WorkflowIdConflictPolicy.FAIL);
  assert.equal(request.requestId, '00000000-0000-4000-8000-000000000001');
  assert.equal(request.taskQueue?.kind, TaskQueueKind.NORMAL);
  assert.deepEqual(request.retryPolicy, {
    initialInterval: 2000,
    backoffCoefficient: 2,
    maximumInterval: 200_000,
    maximumAttempts: 0,
    nonRetryableErrorTypes: [],
  });
});

test('a complete start passes byte for byte', async () => {
  const harness = new FrontendHarness();
  const message = start({
    requestId: 'r',
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  });
  await harness.call('StartWorkflowExecution', message);
  assert.deepEqual(
    new Uint8Array(ApiRequest.decode(harness.routed[0]?.request as Uint8Array).request),
    new Uint8Array(message),
  );
});

test('terminate-if-running becomes a conflict policy', async () => {
  const harness = new FrontendHarness();
  const message = start({ workflowIdReusePolicy: WorkflowIdReusePolicy.TERMINATE_IF_RUNNING });
  await harness.call('StartWorkflowExecution', message);
  const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
  assert.equal(request.workflowIdReusePolicy, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
  assert.equal(request.workflowIdConflictPolicy, WorkflowIdConflictPolicy.TERMINATE_EXISTING);
});

test('timeouts beyond a century are capped', async () => {
  const harness = new FrontendHarness();
  await harness.call('StartWorkflowExecution', start({ workflowRunTimeout: 200 * 365 * 86_400_000 }));
  const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
  assert.equal(request.workflowRunTimeout, 100 * 365 * 86_400_000);
});

test('durations whose parts differ in sign are refused', async () => {
  const harness = new FrontendHarness();
  // seconds: 1, nanos: -5
  const mixed = Buffer.from([8, 1, 16, ...[0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]]);
  const field = (number: number, bytes: Uint8Array) =>
    Buffer.concat([
      Buffer.from([((number * 8 + 2) & 0x7f) | (number > 15 ? 0x80 : 0), ...(number > 15 ? [1] : []), bytes.length]),
      bytes,
    ]);
  const cause = 'duration has seconds and nanos with different signs';
  for (const [suffix, message] of [
    [field(6, mixed), `An invalid WorkflowExecutionTimeoutSeconds is set on request. cause: ${cause}`],
    [field(7, mixed), `An invalid WorkflowRunTimeoutSeconds is set on request. cause: ${cause}`],
    [field(8, mixed), `An invalid WorkflowTaskTimeoutSeconds is set on request. cause: ${cause}`],
    [field(20, mixed), `An invalid WorkflowStartDelaySeconds is set on request. cause: ${cause}`],
    [field(12, field(1, mixed)), `invalid InitialInterval set on retry policy: ${cause}`],
    [field(12, field(3, mixed)), `invalid MaximumInterval set on retry policy: ${cause}`],
  ] as const) {
    const status = await harness.refusal('StartWorkflowExecution', Buffer.concat([start(), suffix]));
    assert.equal(status.message, message);
    assert.equal(status.code, GrpcCode.INVALID_ARGUMENT);
  }
  const fine = await harness.call('StartWorkflowExecution', start({ workflowRunTimeout: 1500.5 }));
  assert.equal(fine.status, undefined);
});

test('callback headers become lower case and their links are not kept twice', async () => {
  const harness = new FrontendHarness();
  harness.settings.set('component.callbacks.allowedAddresses', [{ Pattern: 'host:*' }] as never);
  const event = { namespace: 'default', workflowId: 'w', runId: 'r' };
  const { Link } = await import('#proto/temporal/api/common/v1');
  const link = Link.encode({ workflowEvent: event });
  const other = Link.encode({ workflowEvent: { ...event, workflowId: 'v' } });
  const nexus = { url: 'https://host:80/x', header: new Map([['X-Token', 't']]) };
  await harness.call(
    'StartWorkflowExecution',
    start({ links: [link, other], completionCallbacks: [{ nexus, links: [link] }] }),
  );
  const request = harness.lastRequest(ApiRequest, api.StartWorkflowExecutionRequest);
  assert.deepEqual(request.completionCallbacks[0]?.nexus?.header, new Map([['x-token', 't']]));
  assert.deepEqual(
    request.links.map((kept) => Link.decode(kept).workflowEvent?.workflowId),
    ['v'],
  );
  const status = await harness.refusal(
    'StartWorkflowExecution',
    start({ completionCallbacks: [{ nexus: { ...nexus, url: 'http://host:80/x' } }] }),
  );
  assert.equal(status.message, 'invalid url: callback address does not allow insecure connections: http://host:80/x');
});

test('search attributes are checked with the namespace of the call', async () => {
  const seen: string[] = [];
  const harness = new FrontendHarness({
    searchAttributes: { check: (bytes, namespace) => void seen.push(`${namespace.name} ${bytes.length}`) },
  });
  await harness.call('StartWorkflowExecution', start({ searchAttributes: new Uint8Array(0) }));
  await harness.call(
    'SignalWithStartWorkflowExecution',
    api.SignalWithStartWorkflowExecutionRequest.encode({ ...START, signalName: 's', searchAttributes: BYTES_10 }),
  );
  assert.deepEqual(seen, ['default 0', 'default 10']);
});
