// The table of methods, what the server says of itself, and its stop.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { FrontendHarness } from './testing/frontend-harness.ts';

interface ServiceDescriptor {
  readonly methods: Readonly<Record<string, unknown>>;
}

test('every public method is in the table', () => {
  const root = createRequire(import.meta.url)('@temporalio/proto/protos/json-module.js') as {
    lookup(path: string): ServiceDescriptor;
  };
  const { methods } = new FrontendHarness();
  const names = ['workflowservice.v1.WorkflowService', 'operatorservice.v1.OperatorService'].flatMap((service) =>
    Object.keys(root.lookup(`temporal.api.${service}`).methods).map((method) => `/temporal.api.${service}/${method}`),
  );
  const isPublic = (path: string) => !path.startsWith('/temporal.server.');
  assert.deepEqual([...methods.keys()].filter(isPublic).sort(), names.sort());
});

test('what is not there is refused by name', async () => {
  const harness = new FrontendHarness();
  const refusals: Record<string, string> = {
    CreateSchedule: 'method CreateSchedule not implemented',
    DescribeDeployment: 'Deployments are deprecated and no longer supported, use Worker Deployments instead',
    CountWorkers: 'unknown method CountWorkers for service temporal.api.workflowservice.v1.WorkflowService',
  };
  for (const [method, message] of Object.entries(refusals)) {
    const named = api.DeprecateNamespaceRequest.encode({ namespace: 'default' });
    const status = await harness.refusal(method, named);
    assert.equal(status.details, undefined);
    assert.equal(status.code, GrpcCode.UNIMPLEMENTED);
    assert.equal(status.message, message);
  }
});

test('GetSystemInfo claims only what is there', async () => {
  const { response } = await new FrontendHarness().call('GetSystemInfo', new Uint8Array(0));
  const info = api.GetSystemInfoResponse.decode(response as Uint8Array);
  assert.equal(info.serverVersion, '1.31.2');
  assert.equal(info.capabilities?.eagerWorkflowStart, true);
  assert.equal(info.capabilities?.supportsSchedules, false);
  assert.equal(info.capabilities?.nexus, false);
});

test('stopping ends calls that wait', async () => {
  const harness = new FrontendHarness();
  harness.answer = ({ options }) =>
    new Promise((resolve) => options?.cancellation?.listen({ onCancelled: () => resolve(new Uint8Array(0)) }));
  const message = api.PollActivityTaskQueueRequest.encode({ namespace: 'default', taskQueue: { name: 'orders' } });
  const poll = harness.begin('PollActivityTaskQueue', message, { timeoutMs: 60_000 });
  harness.stop();
  harness.stop();
  assert.equal((await poll.finished).response?.length, 0);
});
