// Tasks of one priority level that wait in memory, in the order of their ids. Owned by the matcher. Matching thread.
//
//   items: [ . . . a b c d ]      taken ones lie before `head` until the array is cut
//                  ^head

import type { Matchable } from './task.ts';

/** The taken part is cut off once it is this long and makes up half of the array: amortised constant time. */
const MIN_CUT = 64;

export class TaskFifo {
  #items: (Matchable | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(task: Matchable): void {
    this.#items.push(task);
  }

  peek(): Matchable | undefined {
    return this.#items[this.#head];
  }

  shift(): Matchable | undefined {
    const task = this.#items[this.#head];
    if (task === undefined) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head >= MIN_CUT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return task;
  }

  /** Puts a task back among those with higher ids. Tasks come back soon after they left, so the search starts at the head. */
  insert(taskId: number, task: Matchable): void {
    let at = this.#head;
    while (at < this.#items.length && idOf(this.#items[at]!) < taskId) at++;
    if (at === this.#head && at > 0) this.#items[--this.#head] = task;
    else this.#items.splice(at, 0, task);
  }

  /** Removes and hands over the tasks that match. */
  removeIf(matches: (task: Matchable) => boolean): Matchable[] {
    const removed: Matchable[] = [];
    const kept: Matchable[] = [];
    for (let i = this.#head; i < this.#items.length; i++) {
      const task = this.#items[i]!;
      if (matches(task)) removed.push(task);
      else kept.push(task);
    }
    if (removed.length > 0) {
      this.#items = kept;
      this.#head = 0;
    }
    return removed;
  }

  *[Symbol.iterator](): Generator<Matchable> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i]!;
  }
}

function idOf(task: Matchable): number {
  return task.kind === 'task' ? task.taskId : 0;
}
