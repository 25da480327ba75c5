// Typed access to a parsed YAML mapping. Every error names the key by its full path; keys that nobody asked for can be told.

import { parseDurationMs } from './duration.ts';

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export class ConfigSection {
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #used = new Set<string>();
  readonly #sections = new Map<string, ConfigSection>();
  readonly #exists: boolean;

  constructor(value: unknown, path = '') {
    this.#path = path;
    this.#exists = value !== undefined && value !== null;
    if (this.#exists && (typeof value !== 'object' || Array.isArray(value))) throw this.error('', 'must be a mapping');
    this.#values = (value ?? {}) as Readonly<Record<string, unknown>>;
  }

  /** Whether the file has it. */
  get exists(): boolean {
    return this.#exists;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#values);
  }

  has(key: string): boolean {
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  /** Empty if it is missing. */
  section(key: string): ConfigSection {
    let section = this.#sections.get(key);
    if (section === undefined) {
      section = new ConfigSection(this.#take(key), this.pathOf(key));
      this.#sections.set(key, section);
    }
    return section;
  }

  string(key: string): string | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (typeof value !== 'string') throw this.error(key, 'must be a string');
    return value;
  }

  /** A list of strings; an empty entry is an empty string. */
  strings(key: string): readonly string[] {
    const value = this.#take(key);
    if (value === undefined || value === '') return [];
    if (!Array.isArray(value)) throw this.error(key, 'must be a list of strings');
    return value.map((entry: unknown) => {
      if (entry !== null && typeof entry !== 'string') throw this.error(key, 'must be a list of strings');
      return entry?.trim() ?? '';
    });
  }

  requiredString(key: string): string {
    const value = this.string(key);
    if (value === undefined || value === '') throw this.error(key, 'is required');
    return value;
  }

  integer(key: string, range: { readonly min: number; readonly max: number }): number | undefined {
    const value = this.#take(key);
    if (value === undefined || value === '') return undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    if (!Number.isInteger(number) || (number as number) < range.min || (number as number) > range.max) {
      throw this.error(key, `must be a whole number from ${range.min} to ${range.max}`);
    }
    return number as number;
  }

  boolean(key: string): boolean | undefined {
    const value = this.#take(key);
    if (value === undefined || value === '') return undefined;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw this.error(key, 'must be true or false');
  }

  durationMs(key: string): number | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    const durationMs = parseDurationMs(value);
    if (durationMs === undefined) throw this.error(key, 'must be a duration such as 10s');
    return durationMs;
  }

  /** Says that a key is known and means nothing here. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#used.add(key);
  }

  error(key: string, reason: string): ConfigError {
    return new ConfigError(`${this.pathOf(key)} ${reason}`);
  }

  pathOf(key: string): string {
    return [this.#path, key].filter((part) => part !== '').join('.');
  }

  /** Paths of keys that nobody read, here and below. */
  unusedKeys(): readonly string[] {
    const unused = this.keys.filter((key) => !this.#used.has(key)).map((key) => this.pathOf(key));
    for (const section of this.#sections.values()) unused.push(...section.unusedKeys());
    return unused;
  }

  #take(key: string): unknown {
    this.#used.add(key);
    return this.#values[key] ?? undefined;
  }
}
