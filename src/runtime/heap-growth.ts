// How much V8 lets the heaps of this process grow between full collections. By itself it is sparing while little is allocated: at 27 workflows a
// second a history thread with 30 MB in use collected everything for each 3 MB more, 6 to 25 ms of a pause and 20 to 42 before it in
// steps, and whoever waited then was among the slowest (docs/performance.md). While nothing runs, sparing is right. Main thread: V8's
// flags are those of all threads.

import { setFlagsFromString } from 'node:v8';

/** A heap is collected when it has grown by this much since the last time, in per cent of what was in use then. */
const GROWTH_PERCENT = 200;

export class HeapGrowth {
  #generous = false;
  readonly #setFlags: (flags: string) => void;

  constructor(setFlags: (flags: string) => void = setFlagsFromString) {
    this.#setFlags = setFlags;
  }

  /** Sparing again before the process ends: the compile cache, which is written then, knows code by the flags that it was made under. */
  set(generous: boolean): void {
    if (generous === this.#generous) return;
    this.#generous = generous;
    this.#setFlags(`--heap-growing-percent=${generous ? GROWTH_PERCENT : 0}`);
    this.#setFlags(generous ? '--no-memory-reducer' : '--memory-reducer');
  }
}
