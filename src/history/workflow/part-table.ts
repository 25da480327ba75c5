// One kind of pending thing of a workflow (its activities, timers, ...): a map that knows what changed since the last
// commit and can undo what the current decision changed. Values are replaced, never modified, so that undo is exact and a
// change costs what it changes (I7). History thread.

import type { PartChange, PartKind } from '../../persistence/index.ts';

/** What a numeric key counts (int64SizeBytes, v1.31). */
const NUMBER_KEY_BYTES = 8;

interface Undo<K, V> {
  readonly key: K;
  readonly value: V | undefined;
  readonly wasDirty: boolean;
}

export interface PartCodec<V> {
  encode(value: V): Uint8Array;
  decode(bytes: Uint8Array): V;
}

/** What all tables of a kind have in common. */
export interface PartRules<K extends string | number, V> {
  readonly kind: PartKind;
  readonly codec: PartCodec<V>;
  readonly parseKey: (key: string) => K;
  /** Second key of each value (an activity's id), for look-ups that would walk the table otherwise. */
  readonly nameOf?: (value: V) => string;
  /** Bytes of a value that do not count towards the size of the mutable state, because Temporal keeps them in history only. */
  readonly uncountedBytes?: (value: V) => number;
}

class Contents<K, V> {
  readonly entries = new Map<K, V>();
  /** Entries that are in the store or on their way there. */
  readonly stored = new Set<K>();
  readonly dirty = new Set<K>();
  /** Dirty entries as the next commit will write them, once `measure` has encoded them. */
  readonly encoded = new Map<K, Uint8Array>();
  /** What each entry counts towards `sizeBytes`. */
  readonly weights = new Map<K, number>();
  readonly byName = new Map<string, K>();
}

/** Of every table that never had an entry, which is most of them. */
const NOTHING = new Contents<never, never>();

export class PartTable<K extends string | number, V> {
  private readonly rules: PartRules<K, V>;
  private contents: Contents<K, V> = NOTHING as unknown as Contents<K, V>;
  private undo: Undo<K, V>[] = [];
  /** Sum of the weights, in bytes: what is stored, and what `measure` has seen since. */
  sizeBytes = 0;

  constructor(rules: PartRules<K, V>) {
    this.rules = rules;
  }

  /** Contents to write to. */
  private own(): Contents<K, V> {
    if (this.contents === (NOTHING as unknown as Contents<K, V>)) this.contents = new Contents();
    return this.contents;
  }

  get size(): number {
    return this.contents.entries.size;
  }

  get(key: K): V | undefined {
    return this.contents.entries.get(key);
  }

  /** The value whose `nameOf` is this. */
  named(name: string): V | undefined {
    const key = this.contents.byName.get(name);
    return key === undefined ? undefined : this.contents.entries.get(key);
  }

  has(key: K): boolean {
    return this.contents.entries.has(key);
  }

  values(): IterableIterator<V> {
    return this.contents.entries.values();
  }

  entriesOf(): readonly (readonly [K, V])[] {
    return [...this.contents.entries];
  }

  keys(): IterableIterator<K> {
    return this.contents.entries.keys();
  }

  put(key: K, value: V): void {
    this.remember(key);
    this.set(key, value);
    this.contents.dirty.add(key);
    this.contents.encoded.delete(key);
  }

  delete(key: K): void {
    if (!this.contents.entries.has(key)) return;
    this.remember(key);
    this.set(key, undefined);
    this.contents.dirty.add(key);
    this.contents.encoded.delete(key);
  }

  clear(): void {
    for (const key of [...this.contents.entries.keys()]) this.delete(key);
  }

  /** The current decision stands: nothing before this point can be undone. */
  keep(): void {
    if (this.undo.length !== 0) this.undo = [];
  }

  rollback(): void {
    for (let i = this.undo.length - 1; i >= 0; i--) {
      const { key, value, wasDirty } = this.undo[i] as Undo<K, V>;
      this.set(key, value);
      if (!wasDirty) this.contents.dirty.delete(key);
      if (this.contents.encoded.delete(key))
        this.weigh(key, value, value === undefined ? undefined : this.rules.codec.encode(value));
    }
    this.undo = [];
  }

  load(key: string, data: Uint8Array): void {
    const parsed = this.rules.parseKey(key);
    const value = this.rules.codec.decode(data);
    this.set(parsed, value);
    this.contents.stored.add(parsed);
    this.weigh(parsed, value, data);
  }

  /** Brings `sizeBytes` up to date. The encoding is what the next commit takes, so that nothing is encoded for this alone. */
  measure(): void {
    for (const key of this.contents.dirty) {
      if (this.contents.encoded.has(key)) continue;
      const value = this.contents.entries.get(key);
      if (value === undefined) {
        this.weigh(key, undefined, undefined);
        continue;
      }
      const data = this.rules.codec.encode(value);
      this.contents.encoded.set(key, data);
      this.weigh(key, value, data);
    }
  }

  private weigh(key: K, value: V | undefined, data: Uint8Array | undefined): void {
    const before = this.contents.weights.get(key) ?? 0;
    if (value === undefined || data === undefined) {
      this.contents.weights.delete(key);
      this.sizeBytes -= before;
      return;
    }
    const keyBytes = typeof key === 'string' ? key.length : NUMBER_KEY_BYTES;
    const weight = keyBytes + data.length - (this.rules.uncountedBytes?.(value) ?? 0);
    this.contents.weights.set(key, weight);
    this.sizeBytes += weight - before;
  }

  get isDirty(): boolean {
    return this.contents.dirty.size !== 0;
  }

  /** Moves what changed since the last call into a mutation. */
  takeChanges(changes: PartChange[]): void {
    if (!this.isDirty) return;
    this.measure();
    for (const key of this.contents.dirty) {
      const data = this.contents.encoded.get(key);
      if (data !== undefined) {
        this.contents.stored.add(key);
        changes.push({ kind: this.rules.kind, key: String(key), data });
      } else if (this.contents.stored.delete(key)) {
        changes.push({ kind: this.rules.kind, key: String(key), data: null });
      } // else it came and went between two commits
    }
    this.contents.encoded.clear();
    this.contents.dirty.clear();
  }

  private set(key: K, value: V | undefined): void {
    const { entries, byName } = this.own();
    if (this.rules.nameOf !== undefined) {
      const previous = entries.get(key);
      if (previous !== undefined) byName.delete(this.rules.nameOf(previous));
      if (value !== undefined) byName.set(this.rules.nameOf(value), key);
    }
    if (value === undefined) entries.delete(key);
    else entries.set(key, value);
  }

  private remember(key: K): void {
    this.undo.push({ key, value: this.contents.entries.get(key), wasDirty: this.contents.dirty.has(key) });
  }
}
