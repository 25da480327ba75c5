// Checks how a call failed: gRPC code, message, and the error detail that Temporal's SDKs turn into exceptions.

import assert from 'node:assert/strict';
import { type ServiceError, status } from '@grpc/grpc-js';
import protos from '@temporalio/proto';

export interface ExpectedFailure {
  readonly code: keyof typeof status;
  readonly message?: string | RegExp;
  /** Short name of the message in the status details, as `NotFoundFailure`; null when there must be none. */
  readonly detail?: string | null;
}

export async function expectFailure(call: Promise<unknown>, expected: ExpectedFailure): Promise<ServiceError> {
  let error: ServiceError;
  try {
    await call;
  } catch (caught) {
    error = caught as ServiceError;
    const found = { code: status[error.code], message: error.details, detail: detailOf(error) };
    if (typeof found.code !== 'string') throw caught;
    assert.equal(found.code, expected.code, `code of: ${found.message}`);
    if (typeof expected.message === 'string') assert.equal(found.message, expected.message);
    if (expected.message instanceof RegExp) assert.match(found.message, expected.message);
    if (expected.detail !== undefined) assert.equal(found.detail, expected.detail, `detail of: ${found.message}`);
    return error;
  }
  assert.fail(`the call succeeded; expected ${JSON.stringify(expected)}`);
}

function detailOf(error: ServiceError): string | null {
  const encoded = error.metadata?.get('grpc-status-details-bin')[0];
  if (!(encoded instanceof Uint8Array)) return null;
  const first = protos.google.rpc.Status.decode(encoded).details[0];
  return first?.type_url?.split('.').at(-1) ?? null;
}
