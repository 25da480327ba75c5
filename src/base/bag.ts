// A set of objects that come and go all the time, each of which knows its place. Changes in place, unlike V8's Set: see
// number-map.ts. An object is in one bag at most.

export interface BagItem {
  /** Kept by the bag; NOT_IN_BAG outside. */
  bagSlot: number;
}

export const NOT_IN_BAG = -1;

export class Bag<T extends BagItem> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  /** Does nothing if it is there. */
  add(item: T): void {
    if (item.bagSlot !== NOT_IN_BAG) return;
    item.bagSlot = this.#items.length;
    this.#items.push(item);
  }

  /** Does nothing if it is not there. */
  delete(item: T): void {
    const slot = item.bagSlot;
    if (slot === NOT_IN_BAG) return;
    item.bagSlot = NOT_IN_BAG;
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#items[slot] = last;
    last.bagSlot = slot;
  }

  /** A copy, in no order, so that the bag may change while it is walked. */
  all(): T[] {
    return [...this.#items];
  }
}
