// Parked polls that history threads may take by themselves: a board in shared memory, written by the one matching thread of the
// process, read by all history threads. Taking a poll is one compare-and-exchange instead of a call to another thread.
//
//  id[slot] = 0   EMPTY    the matching thread may write the slot
//  id[slot] > 0   OFFERED  key and request are complete and do not change; each offer has an id of its own
//
//  id[slot]  writers: matching (0 -> id, id -> 0: withdrawn), history (id -> 0: claimed)     order: Atomics, sequentially consistent
//  hash, key and request of a slot  writer: matching, while the slot is EMPTY and not occupied
//
// A history thread copies what it needs and then exchanges id for 0: if that succeeds the copy was whole, because matching writes
// a slot anew only under another id. Whoever exchanges first has the poll; matching learns that it was claimed when it tries to
// withdraw it, or from the task that comes for it. After the exchange nobody needs the slot's bytes.

import { Buffer } from 'node:buffer';
import { farmFingerprint32 } from '../base/farm-fingerprint32.ts';

/** Slots of a bucket: a bucket's ids are four cache lines. Polls with the same key lie in one bucket. */
const SLOTS_PER_BUCKET = 64;
const BUCKETS = 128;
const SLOTS = SLOTS_PER_BUCKET * BUCKETS;
/** Of key and request together; a longer poll is not offered. */
const SLOT_BYTES = 512;

const HEADER_WORDS = 16;
const LAST_ID = 0;
const IDS = HEADER_WORDS;
const HASHES = IDS + SLOTS;
const LENGTHS = HASHES + SLOTS;
const WORDS = LENGTHS + SLOTS;
/** An id is a positive 32-bit integer. */
const MAX_ID = 0x7fff_ffff;

export function createPollBoard(): SharedArrayBuffer {
  return new SharedArrayBuffer(WORDS * 4 + SLOTS * SLOT_BYTES);
}

/** Names one offer for good: a slot is offered again under another id. */
export interface Offer {
  readonly slot: number;
  readonly id: number;
}

/** A poll that now waits for the task of whoever claimed it. */
export interface ClaimedPoll extends Offer {
  /** The public poll request as it arrived. */
  readonly request: Uint8Array;
}

class Board {
  readonly words: Int32Array;
  readonly bytes: Buffer;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, WORDS);
    this.bytes = Buffer.from(memory, WORDS * 4);
  }
}

/** The matching thread's side. Which slots are occupied is for it to know: a claimed one looks empty. */
export class PollBoardWriter {
  readonly #board: Board;

  /** Takes the board over from a thread that is gone: what that one offered is no longer offered. */
  constructor(memory: SharedArrayBuffer) {
    this.#board = new Board(memory);
    for (let slot = 0; slot < SLOTS; slot++) Atomics.store(this.#board.words, IDS + slot, 0);
  }

  /** Offers the poll in the first slot of its bucket that `isFree`; undefined if there is none or the poll is too long. */
  offer(key: string, request: Uint8Array, isFree: (slot: number) => boolean): Offer | undefined {
    const { words, bytes } = this.#board;
    const keyBytes = Buffer.from(key);
    if (keyBytes.length + request.length > SLOT_BYTES) return undefined;
    const hash = hashOf(keyBytes);
    const first = firstSlotOf(hash);
    for (let slot = first; slot < first + SLOTS_PER_BUCKET; slot++) {
      if (!isFree(slot)) continue;
      const start = slot * SLOT_BYTES;
      bytes.set(keyBytes, start);
      bytes.set(request, start + keyBytes.length);
      words[HASHES + slot] = hash;
      words[LENGTHS + slot] = (keyBytes.length << 16) | request.length;
      const id = this.#nextId();
      Atomics.store(words, IDS + slot, id);
      return { slot, id };
    }
    return undefined;
  }

  /** False: it was claimed before. */
  withdraw({ slot, id }: Offer): boolean {
    return Atomics.compareExchange(this.#board.words, IDS + slot, id, 0) === id;
  }

  /** Kept on the board, so that a matching thread that was restarted does not repeat an id that somebody still holds. */
  #nextId(): number {
    const { words } = this.#board;
    const last = Atomics.load(words, LAST_ID);
    const id = last === MAX_ID ? 1 : last + 1;
    Atomics.store(words, LAST_ID, id);
    return id;
  }
}

/** A history thread's side. */
export class PollBoardReader {
  readonly #board: Board;

  constructor(memory: SharedArrayBuffer) {
    this.#board = new Board(memory);
  }

  /** Takes a poll that waits for tasks of this task-queue partition, if one is offered. */
  claim(key: string): ClaimedPoll | undefined {
    const { words, bytes } = this.#board;
    const keyBytes = Buffer.from(key);
    const hash = hashOf(keyBytes);
    const first = firstSlotOf(hash);
    for (let slot = first; slot < first + SLOTS_PER_BUCKET; slot++) {
      const id = Atomics.load(words, IDS + slot);
      if (id === 0 || words[HASHES + slot] !== hash) continue;
      const lengths = words[LENGTHS + slot] as number;
      const start = slot * SLOT_BYTES;
      const keyEnd = start + (lengths >>> 16);
      if (!keyBytes.equals(bytes.subarray(start, keyEnd))) continue;
      const request = Buffer.from(bytes.subarray(keyEnd, keyEnd + (lengths & 0xffff)));
      if (Atomics.compareExchange(words, IDS + slot, id, 0) === id) return { slot, id, request };
    }
    return undefined;
  }
}

function firstSlotOf(hash: number): number {
  return ((hash >>> 0) % BUCKETS) * SLOTS_PER_BUCKET;
}

/** As the board's words keep it: signed. */
function hashOf(keyBytes: Uint8Array): number {
  return farmFingerprint32(keyBytes) | 0;
}
