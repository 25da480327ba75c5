// What the server acknowledged, as the load driver saw it. The server must be able to show all of it after any crash.

import type { Plan } from './plan.ts';

export interface AcknowledgedAnswer {
  readonly startedEventId: number;
  readonly ids: readonly string[];
}

export interface LedgerEntry {
  readonly workflowId: string;
  readonly plan: Plan;
  runId: string | undefined;
  /** Names of signals that were acknowledged. */
  readonly signals: Set<string>;
  readonly updates: Set<string>;
  /** Activity results that were acknowledged, by `activity id/attempt`. */
  readonly activities: Set<string>;
  /** Answers to workflow tasks that were acknowledged. */
  readonly answers: AcknowledgedAnswer[];
  /** Activity attempts that a worker was given, by `activity id/attempt`. */
  readonly attempts: Set<string>;
  completed: boolean;
}

export class Ledger {
  readonly entries = new Map<string, LedgerEntry>();
  /** What went wrong as it happened; any entry fails the suite. */
  readonly violations: string[] = [];

  open(workflowId: string, plan: Plan): LedgerEntry {
    const entry: LedgerEntry = {
      workflowId,
      plan,
      runId: undefined,
      signals: new Set(),
      updates: new Set(),
      activities: new Set(),
      answers: [],
      attempts: new Set(),
      completed: false,
    };
    this.entries.set(workflowId, entry);
    return entry;
  }

  get(workflowId: string): LedgerEntry {
    const entry = this.entries.get(workflowId);
    if (!entry) throw new Error(`unknown workflow ${workflowId}`);
    return entry;
  }
}
