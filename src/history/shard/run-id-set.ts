// Remembers very many run ids, the latest at least, in a fixed amount of memory that no collector has to walk: each as its 16
// bytes. The first half of it is forgotten when the second is full. History thread.

const WORDS_PER_ID = 4;
const FIRST_SLOTS = 1_024;
/** How full a table may be. */
const LOAD = 0.75;
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id that is being looked at. */
const words = new Uint32Array(WORDS_PER_ID);

export class RunIdSet {
  readonly #most: number;
  #latest = new IdTable(FIRST_SLOTS);
  #earlier: IdTable | undefined;

  /** Remembers the latest `most` ids, and up to twice as many. */
  constructor(most: number) {
    this.#most = most;
  }

  /** An id that is no lower-case UUID is not remembered: the server makes no others. */
  add(runId: string): void {
    if (!readWords(runId) || this.#latest.has()) return;
    if (this.#latest.size >= this.#most) {
      this.#earlier = this.#latest;
      this.#latest = new IdTable(this.#earlier.slots);
    } else if (this.#latest.isFull) {
      this.#latest = this.#latest.grown();
      readWords(runId);
    }
    this.#latest.add();
  }

  has(runId: string): boolean {
    return readWords(runId) && (this.#latest.has() || this.#earlier?.has() === true);
  }

  clear(): void {
    this.#latest = new IdTable(FIRST_SLOTS);
    this.#earlier = undefined;
  }
}

/** Open addressing with linear probing. A free slot is all zeros. */
class IdTable {
  /** A power of two. */
  readonly slots: number;
  size = 0;
  readonly #words: Uint32Array;

  constructor(slots: number) {
    this.slots = slots;
    this.#words = new Uint32Array(slots * WORDS_PER_ID);
  }

  get isFull(): boolean {
    return this.size >= this.slots * LOAD;
  }

  has(): boolean {
    return !this.#isFree(this.#find());
  }

  add(): void {
    this.#words.set(words, this.#find());
    this.size++;
  }

  grown(): IdTable {
    const larger = new IdTable(this.slots * 2);
    for (let at = 0; at < this.#words.length; at += WORDS_PER_ID) {
      if (this.#isFree(at)) continue;
      words.set(this.#words.subarray(at, at + WORDS_PER_ID));
      larger.add();
    }
    return larger;
  }

  /** Where the id is, or would be. */
  #find(): number {
    const table = this.#words;
    const [a, b, c, d] = words as unknown as [number, number, number, number];
    let at = ((a ^ Math.imul(d, 0x9e37_79b1)) & (this.slots - 1)) * WORDS_PER_ID;
    while (
      !this.#isFree(at) &&
      (table[at] !== a || table[at + 1] !== b || table[at + 2] !== c || table[at + 3] !== d)
    ) {
      at += WORDS_PER_ID;
      if (at === table.length) at = 0;
    }
    return at;
  }

  #isFree(at: number): boolean {
    const table = this.#words;
    return (table[at]! | table[at + 1]! | table[at + 2]! | table[at + 3]!) === 0;
  }
}

/** False if `runId` is no UUID, or the one that is all zeros, which marks a free slot. */
function readWords(runId: string): boolean {
  if (!RUN_ID.test(runId)) return false;
  words[0] = Number.parseInt(runId.slice(0, 8), 16);
  words[1] = Number.parseInt(runId.slice(9, 13) + runId.slice(14, 18), 16);
  words[2] = Number.parseInt(runId.slice(19, 23) + runId.slice(24, 28), 16);
  words[3] = Number.parseInt(runId.slice(28), 16);
  return words.some((word) => word !== 0);
}
