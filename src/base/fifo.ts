// First in, first out, in one array that is used over and over: nothing that has left is still pointed at. See number-map.ts.

const FIRST_SLOTS = 16;

export class Fifo<T extends object> {
  #slots: (T | undefined)[] = new Array<T | undefined>(FIRST_SLOTS).fill(undefined);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#slots[this.#head];
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size++) & (this.#slots.length - 1)] = item;
  }

  shift(): T | undefined {
    const item = this.#slots[this.#head];
    if (item === undefined) return undefined;
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    return item;
  }

  clear(): void {
    this.#slots.fill(undefined);
    this.#head = 0;
    this.#size = 0;
  }

  #grow(): void {
    const slots = this.#slots;
    const larger = new Array<T | undefined>(slots.length * 2).fill(undefined);
    for (let i = 0; i < this.#size; i++) larger[i] = slots[(this.#head + i) & (slots.length - 1)];
    slots.fill(undefined);
    this.#slots = larger;
    this.#head = 0;
  }
}
