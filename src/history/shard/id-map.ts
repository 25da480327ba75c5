// A map by an id that is nearly always unique without those it belongs to. A name made of all of them would have to be built,
// hashed and interned for each look-up, which was a tenth of a history thread's time. Values leave in the order in which they
// came, but for those that were looked up since. History thread.

import { SlotMap } from '../../base/slot-map.ts';

interface Slot<Value> {
  readonly owner: string;
  readonly ownersOwner: string;
  /** Undefined once it has left: where V8 makes slots old from the start, each would keep its value alive. */
  value: Value | undefined;
  isUsed: boolean;
}

export class IdMap<Value> {
  readonly #slots = new SlotMap<Slot<Value>>();
  /** Ids that somebody else's value has already, by the whole name. */
  readonly #others = new SlotMap<Slot<Value>>();

  get size(): number {
    return this.#slots.size + this.#others.size;
  }

  get(id: string, owner: string, ownersOwner = ''): Value | undefined {
    const slot = this.#find(id, owner, ownersOwner);
    if (slot === undefined) return undefined;
    slot.isUsed = true;
    return slot.value;
  }

  set(value: Value, id: string, owner: string, ownersOwner = ''): void {
    const known = this.#find(id, owner, ownersOwner);
    if (known !== undefined) {
      known.value = value;
      known.isUsed = true;
      return;
    }
    const slot = { owner, ownersOwner, value, isUsed: false };
    if (this.#slots.get(id) !== undefined) this.#others.set(wholeName(id, owner, ownersOwner), slot);
    else this.#slots.set(id, slot);
  }

  delete(id: string, owner: string, ownersOwner = ''): void {
    const slot = this.#slots.get(id);
    let left: Slot<Value> | undefined;
    if (slot?.owner === owner && slot.ownersOwner === ownersOwner) left = this.#slots.delete(id);
    else if (this.#others.size > 0) left = this.#others.delete(wholeName(id, owner, ownersOwner));
    if (left !== undefined) left.value = undefined;
  }

  *values(): Iterable<Value> {
    for (const [, { value }] of this.#slots) yield value!;
    for (const [, { value }] of this.#others) yield value!;
  }

  /**
   * The oldest values leave, if `mayLeave` lets them, until it is enough or `most` were looked at. A value that stays, or was used since
   * it last had its turn, gets another one behind all others, so that the next call looks at those.
   */
  trim(isEnough: () => boolean, most: number, mayLeave: (value: Value) => boolean): void {
    let looked = 0;
    for (const slots of [this.#others, this.#slots]) {
      let turns = 2 * slots.size; // of those that stay after their second one none leaves at a third
      for (const [name, slot] of slots) {
        if (isEnough() || looked === most) return;
        if (turns-- === 0) break;
        looked++;
        slots.delete(name);
        if (slot.isUsed || !mayLeave(slot.value!)) slots.set(name, slot);
        else slot.value = undefined;
        slot.isUsed = false;
      }
    }
  }

  clear(): void {
    this.#slots.clear();
    this.#others.clear();
  }

  #find(id: string, owner: string, ownersOwner: string): Slot<Value> | undefined {
    const slot = this.#slots.get(id);
    if (slot?.owner === owner && slot.ownersOwner === ownersOwner) return slot;
    return this.#others.size === 0 ? undefined : this.#others.get(wholeName(id, owner, ownersOwner));
  }
}

function wholeName(id: string, owner: string, ownersOwner: string): string {
  return `${ownersOwner}/${owner}/${id}`;
}
