// What makes later steps of workflows shorter, or is due anyway and would fall into one: done between them, one chore at a time. While there
// is no quiet moment it is not done, and falls where it did. History thread.

import type { TimerHandle } from '../../runtime/clock.ts';
import type { QuietMoments } from '../../runtime/quiet-moments.ts';

/** Commits until the next chore: at 27 workflows a second one falls due five times a second. */
export const COMMITS_PER_CHORE = 20;

export class QuietChores {
  readonly #moments: QuietMoments;
  readonly #chores: readonly (() => void)[];
  #commits = 0;
  #turn = 0;
  #waiting: TimerHandle | undefined;
  #isStopped = false;

  /** Chores do not throw. */
  constructor(moments: QuietMoments, chores: readonly (() => void)[]) {
    this.#moments = moments;
    this.#chores = chores;
  }

  /** Call after each commit. */
  committed(): void {
    this.#commits++;
    if (this.#commits < COMMITS_PER_CHORE || this.#waiting !== undefined) return;
    if (this.#chores.length === 0 || this.#isStopped) return;
    this.#waiting = this.#moments.next(Number.POSITIVE_INFINITY, () => {
      this.#waiting = undefined;
      this.#commits = 0;
      this.#chores[this.#turn++ % this.#chores.length]!();
    });
  }

  /** Before the store is closed. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting?.cancel();
  }
}
