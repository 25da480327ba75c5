// The heap of one thread: what V8 and the loop tell of it, and collections that we ask for.

import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What V8 and the loop tell and do; replaced in tests. */
export interface ThreadHeap {
  /** Milliseconds that the loop was busy since the thread began. */
  busyMs(): number;
  usedBytes(): number;
  /** What is in use of the young generation, dead objects included. */
  youngUsedBytes(): number;
  /** Pages that V8 holds: of the young generation, and of all. */
  youngBytes(): number;
  totalBytes(): number;
  collectYoung(): void;
  collectAll(): void;
}

type Collect = (options: {
  readonly type: 'minor' | 'major';
  readonly execution?: 'sync';
  flavor?: 'last-resort';
}) => void;

export class V8Heap implements ThreadHeap {
  #collect: Collect | undefined;

  busyMs(): number {
    return performance.eventLoopUtilization().active;
  }

  usedBytes(): number {
    return getHeapStatistics().used_heap_size;
  }

  youngUsedBytes(): number {
    return youngSpace()?.space_used_size ?? 0;
  }

  youngBytes(): number {
    return youngSpace()?.space_size ?? 0;
  }

  totalBytes(): number {
    return getHeapStatistics().total_heap_size;
  }

  collectYoung(): void {
    this.#collect ??= collector();
    this.#collect({ type: 'minor' });
  }

  /** V8's answer to a signal of low memory: all it can find, and every page that is free goes back. */
  collectAll(): void {
    this.#collect ??= collector();
    this.#collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }
}

function youngSpace() {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
}

/**
 * Node has no call for it: the function comes with a flag, in contexts that begin under it, 170 KB each. (The inspector can collect, too,
 * but threads that do so at the same time wait for each other for ever.)
 */
function collector(): Collect {
  setFlagsFromString('--expose-gc');
  try {
    return runInNewContext('gc') as Collect;
  } finally {
    setFlagsFromString('--no-expose-gc'); // the compile cache knows code by the flags that it was made under
  }
}
