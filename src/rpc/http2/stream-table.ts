// The open streams of a connection by their id. A Map would do, but a connection opens and closes a stream with every call,
// and V8's Map leaves a grave for each: this table costs a few loads and no garbage. Main loop.
//
//   slot = (id / 2) % slots, since clients use odd ids in order      each slot: a list through `nextInTable`

export interface TableEntry<T> {
  readonly id: number;
  nextInTable: T | undefined;
}

const INITIAL_SLOTS = 16;
/** A table that grew beyond this is given up once it is empty. */
const KEPT_SLOTS = 1024;

export class StreamTable<T extends TableEntry<T>> {
  #slots: (T | undefined)[] = [];
  #mask = -1;
  #count = 0;

  get size(): number {
    return this.#count;
  }

  get(id: number): T | undefined {
    if (this.#count === 0) return undefined;
    let entry = this.#slots[(id >> 1) & this.#mask];
    while (entry !== undefined && entry.id !== id) entry = entry.nextInTable;
    return entry;
  }

  /** The id must not be in the table. */
  add(entry: T): void {
    if (this.#count > this.#mask) this.#grow();
    this.#count++;
    this.#insert(entry);
  }

  delete(entry: T): void {
    const slot = (entry.id >> 1) & this.#mask;
    let at = this.#slots[slot];
    if (at === entry) {
      this.#slots[slot] = entry.nextInTable;
    } else {
      while (at !== undefined && at.nextInTable !== entry) at = at.nextInTable;
      if (at === undefined) return;
      at.nextInTable = entry.nextInTable;
    }
    entry.nextInTable = undefined;
    this.#count--;
    if (this.#count === 0 && this.#mask >= KEPT_SLOTS) this.#reset(0);
  }

  /** A copy, so that streams may be closed while it is walked. */
  all(): T[] {
    const entries: T[] = [];
    for (let entry of this.#slots) {
      for (; entry !== undefined; entry = entry.nextInTable) entries.push(entry);
    }
    return entries;
  }

  #grow(): void {
    const entries = this.all();
    this.#reset(Math.max(INITIAL_SLOTS, this.#slots.length * 2));
    for (const entry of entries) this.#insert(entry);
  }

  #reset(slots: number): void {
    this.#slots = new Array<T | undefined>(slots).fill(undefined);
    this.#mask = slots - 1;
  }

  #insert(entry: T): void {
    const slot = (entry.id >> 1) & this.#mask;
    entry.nextInTable = this.#slots[slot];
    this.#slots[slot] = entry;
  }
}
