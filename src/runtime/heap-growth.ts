// How much V8 lets the heaps of all threads grow between full collections. By itself it is sparing while little is allocated: at 27 workflows a
// second a history thread with 30 MB in use collected everything for each 3 MB more, 5 to 25 ms of a pause and as much before it in
// steps, and whoever waited then was the slowest per cent (docs/performance.md). What a thread does not need while it is idle,
// idle-memory.ts gives back.

import { setFlagsFromString } from 'node:v8';

/** A heap is collected when it has grown by this much since the last time, in per cent of what was in use then. */
const GROWTH_PERCENT = 200;

/**
 * Call when all code is loaded: the compile cache knows code by the flags that it was made under. Returns what sets the flags back, for
 * the end of the server, when the cache is written.
 */
export function letHeapsGrow(): () => void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  setFlagsFromString('--no-memory-reducer');
  return () => {
    setFlagsFromString('--heap-growing-percent=0');
    setFlagsFromString('--memory-reducer');
  };
}
