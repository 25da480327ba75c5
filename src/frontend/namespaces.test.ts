// Namespaces in calls: unknown, not yet known, in a state that forbids the call; and the calls about them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiRequest } from '#proto/ostinato/history/v1';
import { ApiRequest as WorkerApiRequest } from '#proto/ostinato/worker/v1';
import { NamespaceState } from '#proto/temporal/api/enums/v1';
import { NamespaceInvalidStateFailure, NamespaceNotFoundFailure } from '#proto/temporal/api/errordetails/v1';
import * as operator from '#proto/temporal/api/operatorservice/v1';
import * as api from '#proto/temporal/api/workflowservice/v1';
import { GrpcCode } from '../base/service-error.ts';
import { decodeStatus } from '../proto/service-errors.ts';
import { FrontendHarness, NAMESPACE_ID } from './testing/frontend-harness.ts';
import { describe, start, TASK_TOKEN } from './testing/requests.ts';

test('a namespace that this thread does not know yet delays the call, not more', async () => {
  const harness = new FrontendHarness();
  harness.late.add('default');
  await harness.call('DescribeWorkflowExecution', describe());
  const request = harness.lastRequest(ApiRequest, api.DescribeWorkflowExecutionRequest);
  assert.equal(request.execution?.workflowId, 'order-1', 'the request is kept over the wait');

  const message = api.RespondActivityTaskCompletedRequest.encode({ taskToken: TASK_TOKEN, identity: 'me' });
  await harness.call('RespondActivityTaskCompleted', message);
  assert.equal(harness.lastRequest(ApiRequest, api.RespondActivityTaskCompletedRequest).identity, 'me');
});

test('an unknown namespace is told with its detail', async () => {
  const status = await new FrontendHarness().refusal('DescribeWorkflowExecution', describe('nowhere'));
  const [detail] = decodeStatus(status.details as Uint8Array).details;
  assert.equal(detail?.typeUrl, `type.googleapis.com/${NamespaceNotFoundFailure.typeName}`);
  assert.equal(NamespaceNotFoundFailure.decode(detail.value).namespace, 'nowhere');
});

test('the state of a namespace decides what it allows', async () => {
  const harness = new FrontendHarness();
  harness.addNamespace({ id: 'd', name: 'old', state: NamespaceState.DEPRECATED });
  harness.addNamespace({ id: 'x', name: 'gone', state: NamespaceState.DELETED });
  assert.equal((await harness.call('DescribeWorkflowExecution', describe('old'))).status, undefined);
  const status = await harness.refusal('StartWorkflowExecution', start({ namespace: 'old' }));
  assert.equal(status.code, GrpcCode.FAILED_PRECONDITION);
  assert.equal(status.message, 'Namespace has invalid state: Deprecated. Must be Registered.');
  const [detail] = decodeStatus(status.details as Uint8Array).details;
  assert.deepEqual(NamespaceInvalidStateFailure.decode(detail?.value as Uint8Array), {
    namespace: 'old',
    state: NamespaceState.DEPRECATED,
    allowedStates: [NamespaceState.REGISTERED],
  });
  const gone = await harness.refusal('DescribeWorkflowExecution', describe('gone'));
  assert.equal(gone.message, 'Namespace has invalid state: Deleted. Must be Registered or Deprecated.');
});

test('namespace methods reach the worker, known or not', async () => {
  const harness = new FrontendHarness();
  await harness.call('RegisterNamespace', api.RegisterNamespaceRequest.encode({ namespace: 'new' }));
  await harness.call('DescribeNamespace', api.DescribeNamespaceRequest.encode({ id: 'some-id' }));
  await harness.call('ListNamespaces', api.ListNamespacesRequest.encode({}));
  await harness.call('GetClusterInfo', new Uint8Array(0));
  await harness.call('DeleteNamespace', operator.DeleteNamespaceRequest.encode({ namespaceId: NAMESPACE_ID }), {
    service: 'OperatorService',
  });
  await harness.call('AddSearchAttributes', operator.AddSearchAttributesRequest.encode({}), {
    service: 'OperatorService',
  });
  assert.deepEqual(
    harness.routed.map(({ service, method }) => `${service} ${method}`),
    [
      'worker RegisterNamespace',
      'worker DescribeNamespace',
      'worker ListNamespaces',
      'worker GetClusterInfo',
      'worker DeleteNamespace',
      'worker AddSearchAttributes',
    ],
  );
  assert.equal(WorkerApiRequest.decode(harness.routed[4]?.request as Uint8Array).namespaceId, NAMESPACE_ID);
  for (const [method, message, settings] of [
    ['RegisterNamespace', new Uint8Array(0), {}],
    ['DescribeNamespace', new Uint8Array(0), {}],
    ['DeleteNamespace', new Uint8Array(0), { service: 'OperatorService' }],
  ] as const) {
    assert.equal((await harness.refusal(method, message, settings)).message, 'Namespace not set on request.');
  }
  const doubled = operator.DeleteNamespaceRequest.encode({ namespace: 'default', namespaceId: NAMESPACE_ID });
  const status = await harness.refusal('DeleteNamespace', doubled, { service: 'OperatorService' });
  assert.equal(status.message, 'Only one of namespace name or Id should be set on request.');
});
