// Deadlines of calls: a hashed timing wheel of intrusive lists, so that setting and clearing one costs a few loads and
// stores. One timer per server, armed for the next tick at which something is due. Main loop.
//
//   tick = ceil(deadline / TICK), slot = tick % SLOTS      each slot: a list of entries through next/previous, and the earliest tick of them
//
// With thousands of parked polls every slot holds something, of this revolution or of one to come, so that a slot says little: the
// loop would be woken at each tick for nothing.

/** Lateness allowed: a client enforces its own deadline, this one frees the handler. */
const TICK_MS = 20;
/** Of timers. */
const MAX_DELAY_MS = 2 ** 31 - 1;
/** One revolution in 10 s. A power of two. */
const SLOTS = 512;
const SLOT_MASK = SLOTS - 1;

export interface WheelEntry {
  /** When to expire, on the wheel's clock. */
  expiresMs: number;
  wheelNext: WheelEntry | undefined;
  wheelPrevious: WheelEntry | undefined;
  /** Whether it is on the wheel, and in which slot; -1 when not. */
  wheelSlot: number;
}

export class DeadlineWheel {
  readonly #now: () => number;
  readonly #expire: (entry: WheelEntry) => void;
  readonly #slots: (WheelEntry | undefined)[] = new Array<WheelEntry | undefined>(SLOTS).fill(undefined);
  /** Of each slot: no entry has an earlier tick. Infinite for an empty one. */
  readonly #earliest = new Float64Array(SLOTS).fill(Number.POSITIVE_INFINITY);
  /** How many have that tick: the slot is looked through when the last one leaves, not when each of thousands does. */
  readonly #atEarliest = new Uint32Array(SLOTS);
  /** The last tick that was worked off. */
  #tick: number;
  #timer: NodeJS.Timeout | undefined;
  #armedTick = Number.POSITIVE_INFINITY;

  constructor(now: () => number, expire: (entry: WheelEntry) => void) {
    this.#now = now;
    this.#expire = expire;
    this.#tick = Math.floor(now() / TICK_MS);
  }

  add(entry: WheelEntry): void {
    // nothing is put into a tick that is over
    const tick = Math.max(tickOf(entry), this.#tick + 1);
    const slot = tick & SLOT_MASK;
    const first = this.#slots[slot];
    entry.wheelSlot = slot;
    entry.wheelNext = first;
    entry.wheelPrevious = undefined;
    if (first !== undefined) first.wheelPrevious = entry;
    this.#slots[slot] = entry;
    this.#note(slot, tick);
    if (tick < this.#armedTick) this.#arm(tick);
  }

  remove(entry: WheelEntry): void {
    const { wheelNext: next, wheelPrevious: previous, wheelSlot: slot } = entry;
    if (slot < 0) return;
    if (previous === undefined) this.#slots[slot] = next;
    else previous.wheelNext = next;
    if (next !== undefined) next.wheelPrevious = previous;
    entry.wheelNext = undefined;
    entry.wheelPrevious = undefined;
    entry.wheelSlot = -1;
    if (tickOf(entry) <= this.#earliest[slot]! && --this.#atEarliest[slot]! === 0) this.#findEarliest(slot);
  }

  /** Stops the timer; entries that are left never expire. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#armedTick = Number.NEGATIVE_INFINITY;
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#armedTick = tick;
    const delayMs = Math.max(1, Math.min(tick * TICK_MS - this.#now(), MAX_DELAY_MS));
    this.#timer = setTimeout(() => this.#advance(), delayMs);
    this.#timer.unref();
  }

  #advance(): void {
    const now = this.#now();
    this.#tick = Math.floor(now / TICK_MS);
    this.#armedTick = Number.POSITIVE_INFINITY;
    for (let slot = 0; slot < SLOTS; slot++) if (this.#earliest[slot]! <= this.#tick) this.#expireSlot(slot, now);
    const next = this.#earliest.reduce((earliest, tick) => Math.min(earliest, tick), Number.POSITIVE_INFINITY);
    // stopped meanwhile, or armed for an entry that was added meanwhile and is the next
    if (next < this.#armedTick) this.#arm(next);
  }

  #expireSlot(slot: number, now: number): void {
    let entry = this.#slots[slot];
    while (entry !== undefined) {
      const next: WheelEntry | undefined = entry.wheelNext;
      if (entry.expiresMs <= now) {
        this.remove(entry);
        this.#expire(entry);
        // the handler may have removed `next` too: begin again from the slot's head, whose expired part is gone
        if (next !== undefined && next.wheelSlot !== slot) {
          entry = this.#slots[slot];
          continue;
        }
      }
      entry = next;
    }
    this.#findEarliest(slot);
  }

  #findEarliest(slot: number): void {
    this.#earliest[slot] = Number.POSITIVE_INFINITY;
    for (let entry = this.#slots[slot]; entry !== undefined; entry = entry.wheelNext) this.#note(slot, tickOf(entry));
  }

  #note(slot: number, tick: number): void {
    if (tick < this.#earliest[slot]!) {
      this.#earliest[slot] = tick;
      this.#atEarliest[slot] = 1;
    } else if (tick === this.#earliest[slot]) {
      this.#atEarliest[slot]!++;
    }
  }
}

/** Rounded up: an entry never expires early. */
function tickOf({ expiresMs }: WheelEntry): number {
  return Math.ceil(expiresMs / TICK_MS);
}
