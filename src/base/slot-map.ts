// A map by string for tables that live as long as the process and change all the time, in the order in which entries came. V8's
// Map finds the place; what it would keep alive (see number-map.ts) are then only names and numbers, not values.

export class SlotMap<V extends object> {
  readonly #slots = new Map<string, number>();
  readonly #values: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.size;
  }

  get(key: string): V | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  set(key: string, value: V): void {
    let slot = this.#slots.get(key);
    if (slot === undefined) {
      slot = this.#free.pop() ?? this.#values.length;
      this.#slots.set(key, slot);
    }
    this.#values[slot] = value;
  }

  /** What was there. */
  delete(key: string): V | undefined {
    const slot = this.#slots.get(key);
    if (slot === undefined) return undefined;
    this.#slots.delete(key);
    this.#free.push(slot);
    const value = this.#values[slot];
    this.#values[slot] = undefined;
    return value;
  }

  clear(): void {
    this.#slots.clear();
    this.#values.length = 0;
    this.#free.length = 0;
  }

  /** Entries may leave and come while it runs, as with a Map. */
  *[Symbol.iterator](): IterableIterator<[key: string, value: V]> {
    for (const [key, slot] of this.#slots) yield [key, this.#values[slot]!];
  }
}
