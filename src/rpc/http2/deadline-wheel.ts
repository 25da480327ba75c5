// Deadlines of calls: a hashed timing wheel of intrusive lists, so that setting and clearing one costs a few loads and
// stores. One timer per server, armed only for slots that hold something. Main loop.
//
//   slot = floor(deadline / TICK) % SLOTS      each slot: a list of entries through next/previous
//   entries more than one revolution ahead are passed over until their time comes

/** Lateness allowed: a client enforces its own deadline, this one frees the handler. */
const TICK_MS = 20;
/** One revolution in 10 s; a parked poll of 60 s is visited six times. A power of two. */
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
  #count = 0;
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
    // rounded up: an entry never expires early; nothing is put into a tick that is over
    const tick = Math.max(Math.ceil(entry.expiresMs / TICK_MS), this.#tick + 1);
    const slot = tick & SLOT_MASK;
    const first = this.#slots[slot];
    entry.wheelSlot = slot;
    entry.wheelNext = first;
    entry.wheelPrevious = undefined;
    if (first !== undefined) first.wheelPrevious = entry;
    this.#slots[slot] = entry;
    this.#count++;
    if (tick < this.#armedTick) this.#arm(tick);
  }

  remove(entry: WheelEntry): void {
    if (entry.wheelSlot < 0) return;
    const { wheelNext: next, wheelPrevious: previous } = entry;
    if (previous === undefined) this.#slots[entry.wheelSlot] = next;
    else previous.wheelNext = next;
    if (next !== undefined) next.wheelPrevious = previous;
    entry.wheelNext = undefined;
    entry.wheelPrevious = undefined;
    entry.wheelSlot = -1;
    this.#count--;
  }

  /** Stops the timer; entries that are left never expire. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#armedTick = Number.NEGATIVE_INFINITY;
  }

  #arm(tick: number): void {
    clearTimeout(this.#timer);
    this.#armedTick = tick;
    const delayMs = Math.max(1, Math.min(tick * TICK_MS - this.#now(), SLOTS * TICK_MS));
    this.#timer = setTimeout(() => this.#advance(), delayMs);
    this.#timer.unref();
  }

  #advance(): void {
    const now = this.#now();
    const today = Math.floor(now / TICK_MS);
    const due = Math.min(today - this.#tick, SLOTS);
    const from = today - due;
    this.#tick = today;
    this.#armedTick = Number.POSITIVE_INFINITY;
    for (let tick = from + 1; tick <= today; tick++) this.#expireSlot(tick & SLOT_MASK, now);
    // entries that were added meanwhile may have armed a later slot than the next occupied one
    if (this.#count > 0 && this.#armedTick !== Number.NEGATIVE_INFINITY) this.#arm(this.#nextOccupiedTick());
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
  }

  #nextOccupiedTick(): number {
    for (let ahead = 1; ahead <= SLOTS; ahead++) {
      if (this.#slots[(this.#tick + ahead) & SLOT_MASK] !== undefined) return this.#tick + ahead;
    }
    return this.#tick + SLOTS;
  }
}
