// How busy each thread was of late, for all to see: what a thread may do while nobody waits for an answer depends on the others, too.
//
//  share[thread]  millionths of the thread's time that its loop was busy, during the last interval that it measured
//                 writer: the thread itself     readers: all     order: Atomics; an old value does no harm

import { type Topology, threadsOf } from './topology.ts';

const MILLION = 1_000_000;

export function createThreadLoads(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * 4);
}

export class ThreadLoads {
  readonly #shares: Int32Array;
  readonly #thread: number;
  readonly #historyThreads: readonly number[];

  constructor(memory: SharedArrayBuffer, topology: Topology, thread: number) {
    this.#shares = new Int32Array(memory);
    this.#thread = thread;
    this.#historyThreads = threadsOf(topology, 'history').map((history) => history.thread);
  }

  /** `share`: of this thread's own time, 0 to 1. */
  report(share: number): void {
    Atomics.store(this.#shares, this.#thread, Math.round(share * MILLION));
  }

  /** Of the busiest history thread. Where it is next to nothing, no workflow makes progress and nobody waits for one to. */
  historyShare(): number {
    return Math.max(...this.#historyThreads.map((thread) => Atomics.load(this.#shares, thread))) / MILLION;
  }
}
