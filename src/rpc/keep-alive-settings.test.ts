import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfiguredValues } from '../config/configured-values.ts';
import { SettingValues } from '../config/setting-values.ts';
import { keepAlivePolicy } from './keep-alive-settings.ts';
import { DEFAULT_KEEP_ALIVE } from './limits.ts';

test('the keep-alive policy is what the configuration says, and zero what it is to gRPC', () => {
  assert.deepEqual(keepAlivePolicy(new SettingValues()), DEFAULT_KEEP_ALIVE);
  const { values } = parseConfiguredValues(`
frontend.keepAliveMinTime: [{ value: 3s }]
frontend.keepAlivePermitWithoutStream: [{ value: false }]
frontend.keepAliveMaxConnectionIdle: [{ value: 0 }]
frontend.keepAliveMaxConnectionAge: [{ value: 1h }]
frontend.keepAliveMaxConnectionAgeGrace: [{ value: 0s }]
frontend.keepAliveTime: [{ value: 0s }]
frontend.keepAliveTimeout: [{ value: 500ms }]
`);
  assert.deepEqual(keepAlivePolicy(new SettingValues(values)), {
    minTimeMs: 3_000,
    permitWithoutStream: false,
    maxConnectionIdleMs: Number.POSITIVE_INFINITY,
    maxConnectionAgeMs: 3_600_000,
    maxConnectionAgeGraceMs: Number.POSITIVE_INFINITY,
    timeMs: 7_200_000,
    timeoutMs: 500,
  });
});
