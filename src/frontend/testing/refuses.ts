// A table of faults, each in an otherwise valid request, and how they are refused. Tests only.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GrpcCode } from '../../base/service-error.ts';
import type { MessageCodec } from '../../proto/wire.ts';
import { type CallSettings, FrontendHarness } from './frontend-harness.ts';

export interface Row {
  readonly fault: string;
  readonly change: object;
  readonly message: string;
  readonly code?: number;
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  readonly call?: CallSettings;
}

export function refuses<Init extends object>(
  method: string,
  codec: MessageCodec<unknown, Init>,
  valid: Init,
  rows: readonly Row[],
  call: CallSettings = { timeoutMs: 60_000 },
): void {
  test(`${method}: a valid request passes`, async () => {
    const harness = new FrontendHarness();
    const { status } = await harness.call(method, codec.encode(valid), call);
    assert.deepEqual(status, undefined);
    assert.equal(harness.routed.length, 1);
  });
  for (const row of rows) {
    test(`${method}: ${row.fault}`, async () => {
      const harness = new FrontendHarness();
      for (const [key, value] of Object.entries(row.settings ?? {})) harness.settings.set(key, value);
      const status = await harness.refusal(method, codec.encode({ ...valid, ...row.change }), row.call ?? call);
      assert.equal(status.message, row.message);
      assert.equal(status.code, row.code ?? GrpcCode.INVALID_ARGUMENT);
      assert.equal(harness.routed.length, 0, 'nothing may reach another service');
    });
  }
}
