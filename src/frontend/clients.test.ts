// Who may call: the versions of clients, and the authorizer.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ClientVersionNotSupportedFailure,
  ServerVersionNotSupportedFailure,
} from '#proto/temporal/api/errordetails/v1';
import { GrpcCode } from '../base/service-error.ts';
import { decodeStatus } from '../proto/service-errors.ts';
import { FrontendHarness } from './testing/frontend-harness.ts';
import { start } from './testing/requests.ts';

test('clients of other ages are refused', async () => {
  const harness = new FrontendHarness();
  const call = (headers: Record<string, string>) => harness.refusal('GetSystemInfo', new Uint8Array(0), { headers });
  const tooNew = await call({ 'client-name': 'temporal-go', 'client-version': '2.0.0' });
  assert.equal(tooNew.code, GrpcCode.FAILED_PRECONDITION);
  assert.equal(tooNew.message, 'Client version 2.0.0 is not supported. Server supports temporal-go versions: <2.0.0');
  const [detail] = decodeStatus(tooNew.details as Uint8Array).details;
  assert.equal(ClientVersionNotSupportedFailure.decode(detail?.value as Uint8Array).supportedVersions, '<2.0.0');

  const wantsOther = await call({
    'client-name': 'temporal-go',
    'client-version': '1.0.0',
    'supported-server-versions': '>=2.0.0',
  });
  assert.equal(wantsOther.message, 'Server version 1.31.2 is not supported. Client supports server versions: >=2.0.0');
  const [other] = decodeStatus(wantsOther.details as Uint8Array).details;
  assert.equal(ServerVersionNotSupportedFailure.decode(other?.value as Uint8Array).serverVersion, '1.31.2');

  const garbled = await call({ 'client-name': 'temporal-go', 'client-version': 'abc' });
  assert.equal(garbled.message, 'Unable to parse client version: No Major.Minor.Patch elements found');
  const unknown = await harness.call('GetSystemInfo', new Uint8Array(0), {
    headers: { 'client-name': 'my-client', 'client-version': '99', 'supported-server-versions': '>=1.0.0 <2.0.0' },
  });
  assert.equal(unknown.status, undefined);
});

test('an authorizer is asked before anything else happens', async () => {
  const asked: string[] = [];
  const harness = new FrontendHarness({
    authorization: {
      claimMapper: {
        authInfoRequired: true,
        claims: ({ authToken }) => {
          if (authToken === 'broken') throw new Error('bad signature');
          return { subject: authToken, system: 0, namespaces: {} };
        },
      },
      authorizer: {
        authorize: async (claims, target) => {
          asked.push(`${claims?.subject} ${target.namespace} ${target.path.split('/')[2]}`);
          return claims?.subject === 'alice' ? { allowed: true } : { allowed: false, reason: 'not you' };
        },
      },
    },
  });
  const as = (authorization: string) => ({ headers: { authorization } });
  assert.equal((await harness.call('StartWorkflowExecution', start(), as('alice'))).status, undefined);
  for (const token of ['mallory', 'broken']) {
    const status = await harness.refusal('StartWorkflowExecution', start(), as(token));
    assert.equal(status.code, GrpcCode.PERMISSION_DENIED);
    assert.equal(status.message, 'Request unauthorized.');
  }
  assert.equal((await harness.refusal('StartWorkflowExecution', start())).code, GrpcCode.PERMISSION_DENIED);
  assert.deepEqual(asked, [
    'alice default StartWorkflowExecution',
    'mallory default StartWorkflowExecution',
    'undefined default StartWorkflowExecution',
  ]);
  assert.equal(harness.routed.length, 1);
});
