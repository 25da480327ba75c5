// What a loop drives: one workload on one server, whatever protocol the server speaks.

import type { LatencySink } from './figures.ts';

/** Messages that are kept to be printed; the rest is only counted. */
const KEPT = 5;

export interface Driver {
  readonly failures: Failures;
  /** One operation, which was due at `intendedAtMs` (of `performance.now()`); throws if it failed. */
  operate(intendedAtMs: number, figures: LatencySink): Promise<void>;
  close(): void;
}

/** Calls that failed when nothing should. */
export class Failures {
  readonly messages: string[] = [];
  count = 0;

  add(what: string, error: unknown): void {
    this.count++;
    if (this.messages.length < KEPT) {
      this.messages.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
