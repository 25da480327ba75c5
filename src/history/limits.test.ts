import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DynamicConfig, Setting, SettingConstraints, SettingValue } from '../config/dynamic-config.ts';
import * as limits from './limits.ts';

/** Answers with these values by key, for one namespace; with defaults otherwise. */
const configWith = (values: Record<string, SettingValue>): DynamicConfig => ({
  get<T extends SettingValue>(setting: Setting<T>, constraints: SettingConstraints = {}): T {
    const applies = setting.scope === 'global' || constraints.namespace === 'ns';
    return applies ? ((values[setting.key] as T | undefined) ?? setting.defaultValue) : setting.defaultValue;
  },
});

const settings = Object.values(limits).filter(
  (value): value is Setting<number> => typeof value === 'object' && 'key' in value,
);

describe('history settings', () => {
  it('have distinct keys', () => {
    assert.equal(new Set(settings.map(({ key }) => key)).size, settings.length);
  });

  it('are looked up by namespace where Temporal does', () => {
    const config = configWith({ 'limit.blobSize.error': 7, 'history.maxInFlightUpdates': 3, 'limit.maxIDLength': 9 });
    assert.equal(limits.commandLimits(config, 'ns').blobSizeErrorBytes, 7);
    assert.equal(limits.commandLimits(config, 'other').blobSizeErrorBytes, 2 * 1024 * 1024);
    assert.equal(limits.commandLimits(config, 'other').maxIdLengthBytes, 9);
    assert.equal(limits.updateLimits(config, 'ns').maxInFlight, 3);
    assert.equal(limits.updateLimits(config, 'other').maxInFlight, 10);
  });

  it('a retry policy setting overrides what it names', () => {
    const value = { InitialIntervalInSeconds: 2, MaximumAttempts: 5, BackoffCoefficient: 'nonsense' };
    const config = configWith({ 'history.defaultActivityRetryPolicy': value });
    assert.deepEqual(limits.retryPolicyDefaults(config, limits.DEFAULT_ACTIVITY_RETRY_POLICY, 'ns'), {
      initialIntervalMs: 2000,
      maximumIntervalCoefficient: 100,
      backoffCoefficient: 2,
      maximumAttempts: 5,
    });
  });

  it('a run is too large past any of its limits, not at it', () => {
    const config = configWith({
      'limit.historySize.error': 10,
      'limit.historyCount.error': 10,
      'limit.mutableStateSize.error': 10,
    });
    const reason = (historyBytes: number, historyEvents: number, mutableStateBytes: number) =>
      limits.runTooLarge(config, 'ns', { historyBytes, historyEvents, mutableStateBytes });
    assert.equal(reason(10, 10, 10), undefined);
    assert.equal(reason(11, 10, 10), 'Workflow history size exceeds limit.');
    assert.equal(reason(10, 11, 10), 'Workflow history count exceeds limit.');
    assert.equal(reason(10, 10, 11), 'Workflow mutable state size exceeds limit.');
  });
});
