// Settings that change while the server runs. Every setting is declared once, beside its owner, with Temporal's key, type,
// default and reason; its value is looked up per namespace, task queue or shard at each use. Any thread.

/** Which constraints a value may carry. */
export type SettingScope = 'global' | 'namespace' | 'taskQueue' | 'shard';

export interface Setting<T extends SettingValue> {
  /** Temporal's key, `history.maximumBufferedEventsBatch`. */
  readonly key: string;
  readonly type: 'int' | 'float' | 'bool' | 'string' | 'durationMs' | 'map';
  readonly scope: SettingScope;
  readonly defaultValue: T;
}

export type SettingValue = number | boolean | string | Readonly<Record<string, unknown>>;

export interface SettingConstraints {
  readonly namespace?: string | undefined;
  readonly taskQueue?: string | undefined;
  /** temporal.api.enums.v1.TaskQueueType */
  readonly taskQueueType?: number | undefined;
  readonly shardId?: number | undefined;
}

export interface DynamicConfig {
  get<T extends SettingValue>(setting: Setting<T>, constraints?: SettingConstraints): T;
}

/** What a setting is, without its default: survives structured clone. */
export type SettingDeclaration = Pick<Setting<SettingValue>, 'key' | 'type' | 'scope'>;

/** Written while modules load, never afterwards: what this thread's code declares. */
const declared = new Map<string, SettingDeclaration>();

export function defineSetting<T extends SettingValue>(setting: Setting<T>): Setting<T> {
  const { key, type, scope } = setting;
  declared.set(key.toLowerCase(), { key, type, scope });
  return setting;
}

/** Every setting that the code loaded so far on this thread declares. */
export function declaredSettings(): readonly SettingDeclaration[] {
  return [...declared.values()];
}
