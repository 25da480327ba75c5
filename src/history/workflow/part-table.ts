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

export class PartTable<K extends string | number, V> {
  private readonly kind: PartKind;
  private readonly codec: PartCodec<V>;
  private readonly parseKey: (key: string) => K;
  private readonly entries = new Map<K, V>();
  /** Entries that are in the store or on their way there. */
  private readonly stored = new Set<K>();
  private readonly dirty = new Set<K>();
  private undo: Undo<K, V>[] = [];
  /** Dirty entries as the next commit will write them, once `measure` has encoded them. */
  private readonly encoded = new Map<K, Uint8Array>();
  /** What each entry counts towards `sizeBytes`. */
  private readonly weights = new Map<K, number>();
  /** Sum of the weights, in bytes: what is stored, and what `measure` has seen since. */
  sizeBytes = 0;

  /** Second key of each value (an activity's id), for look-ups that would walk the table otherwise. */
  private readonly nameOf: ((value: V) => string) | undefined;
  private readonly byName = new Map<string, K>();
  /** Bytes of a value that do not count towards the size of the mutable state, because Temporal keeps them in history only. */
  private readonly uncountedBytes: ((value: V) => number) | undefined;

  constructor(
    kind: PartKind,
    codec: PartCodec<V>,
    parseKey: (key: string) => K,
    options: { readonly nameOf?: (value: V) => string; readonly uncountedBytes?: (value: V) => number } = {},
  ) {
    this.kind = kind;
    this.codec = codec;
    this.parseKey = parseKey;
    this.nameOf = options.nameOf;
    this.uncountedBytes = options.uncountedBytes;
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: K): V | undefined {
    return this.entries.get(key);
  }

  /** The value whose `nameOf` is this. */
  named(name: string): V | undefined {
    const key = this.byName.get(name);
    return key === undefined ? undefined : this.entries.get(key);
  }

  has(key: K): boolean {
    return this.entries.has(key);
  }

  values(): IterableIterator<V> {
    return this.entries.values();
  }

  entriesOf(): readonly (readonly [K, V])[] {
    return [...this.entries];
  }

  keys(): IterableIterator<K> {
    return this.entries.keys();
  }

  put(key: K, value: V): void {
    this.remember(key);
    this.set(key, value);
    this.dirty.add(key);
    this.encoded.delete(key);
  }

  delete(key: K): void {
    if (!this.entries.has(key)) return;
    this.remember(key);
    this.set(key, undefined);
    this.dirty.add(key);
    this.encoded.delete(key);
  }

  clear(): void {
    for (const key of [...this.entries.keys()]) this.delete(key);
  }

  /** The current decision stands: nothing before this point can be undone. */
  keep(): void {
    if (this.undo.length !== 0) this.undo = [];
  }

  rollback(): void {
    for (let i = this.undo.length - 1; i >= 0; i--) {
      const { key, value, wasDirty } = this.undo[i] as Undo<K, V>;
      this.set(key, value);
      if (!wasDirty) this.dirty.delete(key);
      if (this.encoded.delete(key)) this.weigh(key, value, value === undefined ? undefined : this.codec.encode(value));
    }
    this.undo = [];
  }

  load(key: string, data: Uint8Array): void {
    const parsed = this.parseKey(key);
    const value = this.codec.decode(data);
    this.set(parsed, value);
    this.stored.add(parsed);
    this.weigh(parsed, value, data);
  }

  /** Brings `sizeBytes` up to date. The encoding is what the next commit takes, so that nothing is encoded for this alone. */
  measure(): void {
    for (const key of this.dirty) {
      if (this.encoded.has(key)) continue;
      const value = this.entries.get(key);
      if (value === undefined) {
        this.weigh(key, undefined, undefined);
        continue;
      }
      const data = this.codec.encode(value);
      this.encoded.set(key, data);
      this.weigh(key, value, data);
    }
  }

  private weigh(key: K, value: V | undefined, data: Uint8Array | undefined): void {
    const before = this.weights.get(key) ?? 0;
    if (value === undefined || data === undefined) {
      this.weights.delete(key);
      this.sizeBytes -= before;
      return;
    }
    const keyBytes = typeof key === 'string' ? key.length : NUMBER_KEY_BYTES;
    const weight = keyBytes + data.length - (this.uncountedBytes?.(value) ?? 0);
    this.weights.set(key, weight);
    this.sizeBytes += weight - before;
  }

  get isDirty(): boolean {
    return this.dirty.size !== 0;
  }

  /** Moves what changed since the last call into a mutation. */
  takeChanges(changes: PartChange[]): void {
    this.measure();
    for (const key of this.dirty) {
      const data = this.encoded.get(key);
      if (data !== undefined) {
        this.stored.add(key);
        changes.push({ kind: this.kind, key: String(key), data });
      } else if (this.stored.delete(key)) {
        changes.push({ kind: this.kind, key: String(key), data: null });
      } // else it came and went between two commits
    }
    this.encoded.clear();
    this.dirty.clear();
  }

  private set(key: K, value: V | undefined): void {
    if (this.nameOf !== undefined) {
      const previous = this.entries.get(key);
      if (previous !== undefined) this.byName.delete(this.nameOf(previous));
      if (value !== undefined) this.byName.set(this.nameOf(value), key);
    }
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, value);
  }

  private remember(key: K): void {
    this.undo.push({ key, value: this.entries.get(key), wasDirty: this.dirty.has(key) });
  }
}
