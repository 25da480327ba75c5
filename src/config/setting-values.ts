// The DynamicConfig of a thread: configured values over the settings' defaults. A look-up that finds nothing configured, the
// usual case, is one Map access. Any thread; replaced values arrive as DynamicConfigChanged.

import { isMapping } from '../base/is-mapping.ts';
import type { ConfiguredValues, ConstrainedValue, ValueConstraints } from './configured-values.ts';
import { parseDurationMs } from './duration.ts';
import type { DynamicConfig, Setting, SettingConstraints, SettingDeclaration, SettingValue } from './dynamic-config.ts';

interface CompiledValue {
  readonly value: SettingValue;
  readonly constraints: ValueConstraints;
}

const NO_CONSTRAINTS: SettingConstraints = {};

export class SettingValues implements DynamicConfig {
  #values: ConfiguredValues;
  /** Null: nothing is configured. */
  readonly #compiled = new Map<Setting<SettingValue>, readonly CompiledValue[] | null>();
  readonly #listeners: (() => void)[] = [];

  constructor(values: ConfiguredValues = {}) {
    this.#values = values;
  }

  get<T extends SettingValue>(setting: Setting<T>, constraints: SettingConstraints = NO_CONSTRAINTS): T {
    const key = setting as unknown as Setting<SettingValue>;
    let compiled = this.#compiled.get(key);
    if (compiled === undefined) {
      compiled = compile(setting, this.#values[setting.key.toLowerCase()], null);
      this.#compiled.set(key, compiled);
    }
    if (compiled === null) return setting.defaultValue;
    return (mostSpecific(compiled, constraints) as T | undefined) ?? setting.defaultValue;
  }

  /** New values from now on. A setting whose new value has the wrong type keeps what it had. */
  replace(values: ConfiguredValues): void {
    this.#values = values;
    for (const [setting, compiled] of this.#compiled) {
      this.#compiled.set(setting, compile(setting, values[setting.key.toLowerCase()], compiled));
    }
    for (const listener of this.#listeners) listener();
  }

  /** Called after each replace(). */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** For tests: one setting for everybody. */
  set<T extends SettingValue>(setting: Setting<T>, value: T): void {
    const raw = setting.type === 'durationMs' ? `${value as number}ms` : value;
    this.replace({ ...this.#values, [setting.key.toLowerCase()]: [{ value: raw, constraints: {} }] });
  }
}

function compile(
  setting: SettingDeclaration,
  entries: readonly ConstrainedValue[] | undefined,
  lastGood: readonly CompiledValue[] | null,
): readonly CompiledValue[] | null {
  if (entries === undefined || entries.length === 0) return null;
  const compiled: CompiledValue[] = [];
  for (const { value, constraints } of entries) {
    const converted = convertValue(setting, value);
    if (converted === undefined) return lastGood;
    compiled.push({ value: converted, constraints });
  }
  return compiled;
}

/** The value in the setting's type; undefined if it has the wrong one (conversions of collection.go, v1.31). */
export function convertValue(setting: SettingDeclaration, value: unknown): SettingValue | undefined {
  switch (setting.type) {
    case 'int':
      return Number.isInteger(value) ? (value as number) : undefined;
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
    case 'bool':
      if (typeof value === 'boolean') return value;
      if (typeof value !== 'string') return undefined;
      if (/^(1|t|true)$/i.test(value)) return true;
      return /^(0|f|false)$/i.test(value) ? false : undefined;
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'durationMs':
      return parseDurationMs(value);
    case 'map':
      // Lists appear where Temporal has typed structures (callback addresses).
      return isMapping(value) || Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : undefined;
  }
}

/**
 * Temporal's order of precedence (setting_gen.go, v1.31): task queue and type, task queue of the namespace, task queue,
 * namespace, nothing; shard, nothing. Of equals the first wins.
 */
function mostSpecific(entries: readonly CompiledValue[], constraints: SettingConstraints): SettingValue | undefined {
  let best: CompiledValue | undefined;
  let bestRank = -1;
  for (const entry of entries) {
    const rank = rankOf(entry.constraints, constraints);
    if (rank > bestRank) {
      best = entry;
      bestRank = rank;
    }
  }
  return best?.value;
}

/** -1: does not apply. */
function rankOf(wanted: ValueConstraints, given: SettingConstraints): number {
  if (wanted.namespace !== undefined && wanted.namespace !== given.namespace) return -1;
  if (wanted.taskQueue !== undefined && wanted.taskQueue !== given.taskQueue) return -1;
  if (wanted.taskQueueType !== undefined && wanted.taskQueueType !== given.taskQueueType) return -1;
  if (wanted.shardId !== undefined && wanted.shardId !== given.shardId) return -1;
  // A type alone names nothing in Temporal's order.
  if (wanted.taskQueueType !== undefined && (wanted.taskQueue === undefined || wanted.namespace === undefined))
    return -1;
  return (
    (wanted.taskQueueType === undefined ? 0 : 8) +
    (wanted.taskQueue === undefined ? 0 : 4) +
    (wanted.namespace === undefined ? 0 : 2) +
    (wanted.shardId === undefined ? 0 : 1)
  );
}
