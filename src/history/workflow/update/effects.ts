// What a decision shows to others, held back until its write is durable (design, invariant I2). An update changes its state
// within the decision, so that the next decision of the same turn sees it, but tells its waiters only after the commit.

export interface Effects {
  /** Runs once the decision's write is durable. */
  onCommitted(effect: () => void): void;
  /** Runs, last registered first, when the decision does not stand: undoes what it changed in memory. */
  onAborted(undo: () => void): void;
}

/** The effects of one decision. Whoever decides calls one of `commit` and `abort`, once; later calls do nothing. */
export class DecisionEffects implements Effects {
  private committed: (() => void)[] = [];
  private undone: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.committed.length === 0;
  }

  onCommitted(effect: () => void): void {
    this.committed.push(effect);
  }

  onAborted(undo: () => void): void {
    this.undone.push(undo);
  }

  commit(): void {
    const effects = this.committed;
    this.committed = [];
    this.undone = [];
    for (const effect of effects) effect();
  }

  abort(): void {
    const undone = this.undone.reverse();
    this.committed = [];
    this.undone = [];
    for (const undo of undone) undo();
  }
}

/** For changes that are not written: they stand at once. */
export const IMMEDIATE: Effects = { onCommitted: (effect) => effect(), onAborted: () => {} };
