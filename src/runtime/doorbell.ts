// How a thread sleeps and is woken: one shared word per thread, rung by all its producers, waited on without blocking the loop.
//
//  word = 1  AWAKE   the thread looks at its rings before it sleeps again: ringing is one load
//  word = 0  ASLEEP  the thread waits in Atomics.waitAsync: the first ringer swaps to AWAKE and notifies
//
//  word  writers: the owner (both values), ringers (AWAKE)   order: Atomics throughout, sequentially consistent
//
// No wake-up is lost: a ringer publishes its frames, then looks at the word; the owner writes ASLEEP, then looks at its rings.
// In every interleaving either the ringer sees ASLEEP and notifies, or the owner sees the frames and does not sleep. If the swap
// falls between the owner's last look and waitAsync, the word no longer is ASLEEP and waitAsync returns at once.

const AWAKE = 1;
const ASLEEP = 0;

/** Words are a cache line apart: two threads' bells never share one. */
const WORDS_PER_BELL = 16;

export function createBells(threads: number): SharedArrayBuffer {
  const shared = new SharedArrayBuffer(threads * WORDS_PER_BELL * 4);
  const words = new Int32Array(shared);
  // A thread that has not started yet looks before it sleeps: nobody needs to notify it.
  for (let thread = 0; thread < threads; thread++) words[thread * WORDS_PER_BELL] = AWAKE;
  return shared;
}

/** The ringing side. */
export class Bell {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(bells: SharedArrayBuffer, thread: number) {
    this.#words = new Int32Array(bells);
    this.#index = thread * WORDS_PER_BELL;
  }

  /** Call after publishing. */
  ring(): void {
    if (Atomics.load(this.#words, this.#index) === AWAKE) return;
    if (Atomics.exchange(this.#words, this.#index, AWAKE) === ASLEEP) Atomics.notify(this.#words, this.#index, 1);
  }
}

/** What the owner of the bell does when it is awake. */
export interface Sleeper {
  /** Handles a bounded amount of work. */
  work(): void;
  /** Looks for work left, by the shared words. */
  hasWork(): boolean;
}

/** The owner's side: runs `work` whenever the bell rings, sleeps when there is none. */
export class Doorbell {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #sleeper: Sleeper;
  #running = false;
  readonly #wake = () => this.#turn();

  constructor(bells: SharedArrayBuffer, thread: number, sleeper: Sleeper) {
    this.#words = new Int32Array(bells);
    this.#index = thread * WORDS_PER_BELL;
    this.#sleeper = sleeper;
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    Atomics.store(this.#words, this.#index, AWAKE);
    setImmediate(this.#wake);
  }

  stop(): void {
    if (!this.#running) return;
    this.#running = false;
    // Ends a pending waitAsync, whose promise would otherwise be kept for ever.
    Atomics.store(this.#words, this.#index, AWAKE);
    Atomics.notify(this.#words, this.#index);
  }

  #turn(): void {
    if (!this.#running) return;
    this.#sleeper.work();
    // Work left over waits one turn of the loop, so that sockets and timers get theirs.
    if (this.#sleeper.hasWork()) {
      setImmediate(this.#wake);
      return;
    }
    Atomics.store(this.#words, this.#index, ASLEEP);
    if (this.#sleeper.hasWork()) {
      Atomics.store(this.#words, this.#index, AWAKE);
      setImmediate(this.#wake);
      return;
    }
    const wait = Atomics.waitAsync(this.#words, this.#index, ASLEEP);
    if (wait.async) void wait.value.then(this.#wake);
    else setImmediate(this.#wake);
  }
}
