// One kind of pending thing of a workflow (its activities, timers, ...): a map that knows what changed since the last
// commit and can undo what the current decision changed. Values are replaced, never modified, so that undo is exact and a
// change costs what it changes (I7). History thread.

import type { PartChange, PartKind } from '../../persistence/index.ts';

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
  /** Stored size of each entry that is in the store or on its way there. */
  private readonly storedBytes = new Map<K, number>();
  private readonly dirty = new Set<K>();
  private undo: Undo<K, V>[] = [];
  /** Sum of the stored sizes, in bytes. */
  sizeBytes = 0;

  /** Second key of each value (an activity's id), for look-ups that would walk the table otherwise. */
  private readonly nameOf: ((value: V) => string) | undefined;
  private readonly byName = new Map<string, K>();

  constructor(kind: PartKind, codec: PartCodec<V>, parseKey: (key: string) => K, nameOf?: (value: V) => string) {
    this.kind = kind;
    this.codec = codec;
    this.parseKey = parseKey;
    this.nameOf = nameOf;
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
  }

  delete(key: K): void {
    if (!this.entries.has(key)) return;
    this.remember(key);
    this.set(key, undefined);
    this.dirty.add(key);
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
    }
    this.undo = [];
  }

  load(key: string, data: Uint8Array): void {
    const parsed = this.parseKey(key);
    this.set(parsed, this.codec.decode(data));
    this.storedBytes.set(parsed, data.length);
    this.sizeBytes += data.length;
  }

  get isDirty(): boolean {
    return this.dirty.size !== 0;
  }

  /** Moves what changed since the last call into a mutation. */
  takeChanges(changes: PartChange[]): void {
    for (const key of this.dirty) {
      const value = this.entries.get(key);
      const stored = this.storedBytes.get(key);
      if (value === undefined) {
        if (stored === undefined) continue; // came and went between two commits
        this.storedBytes.delete(key);
        this.sizeBytes -= stored;
        changes.push({ kind: this.kind, key: String(key), data: null });
      } else {
        const data = this.codec.encode(value);
        this.storedBytes.set(key, data.length);
        this.sizeBytes += data.length - (stored ?? 0);
        changes.push({ kind: this.kind, key: String(key), data });
      }
    }
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
