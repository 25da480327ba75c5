// What the server acknowledged and what workers were shown, as clients and workers saw it. The oracles compare it with the end.

import type { HistoryEvent } from '#proto/temporal/api/history/v1';

export interface ShownHistory {
  readonly workflowId: string;
  readonly runId: string;
  /** One line per event, in order, as the worker saw them for a completion that was acknowledged. */
  readonly lines: readonly string[];
}

export interface AcknowledgedUpdate {
  readonly workflowId: string;
  readonly runId: string;
  readonly updateId: string;
  readonly completed: boolean;
}

export class Ledger {
  readonly violations: string[] = [];
  /** Acknowledged starts: workflow id to run ids. */
  readonly started = new Map<string, Set<string>>();
  /** Acknowledged signals by unique name, with the run they were sent to ('' for the current one). */
  readonly signals = new Map<string, { readonly workflowId: string; readonly runId: string }>();
  readonly updates: AcknowledgedUpdate[] = [];
  /** Workflows that updates were sent to: one that is rejected wakes a run and leaves no trace. */
  readonly updated = new Set<string>();
  /** Acknowledged cancel requests and terminations by run. */
  readonly cancelled = new Map<
    string,
    { readonly workflowId: string; readonly runId: string; readonly atMs: number }
  >();
  readonly terminated = new Map<string, string>();
  /** New runs that acknowledged resets named, with the run they came from. */
  readonly resets = new Map<string, { readonly workflowId: string; readonly baseRunId: string }>();
  readonly shown = new Map<string, ShownHistory>();
  /** Activity attempts that a worker was given: run, scheduled event, attempt. */
  readonly attempts = new Set<string>();
  /** Acknowledged activity results: run and scheduled event to what was answered. */
  readonly activityResults = new Map<string, 'completed' | 'failed' | 'canceled'>();
  /** Activities without a workflow: acknowledged starts by run id, acknowledged terminations, and outcomes that clients were told. */
  readonly activities = {
    started: new Map<string, string>(),
    terminated: new Set<string>(),
    outcomes: new Map<string, 'result' | 'failure'>(),
  };
  counts: Record<string, number> = {};

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  violation(text: string): void {
    if (this.violations.length < 20 && !this.violations.includes(text)) this.violations.push(text);
  }

  /** An error that no correct server gives. */
  unexpected(what: string, error: unknown): void {
    this.violation(`${what}: ${error instanceof Error ? error.stack?.split('\n').slice(0, 4).join(' ') : error}`);
  }

  /** A worker completed a workflow task having seen these events, all up to the task's start. */
  showed(workflowId: string, runId: string, events: readonly HistoryEvent[]): void {
    const lines = events.map(lineOf);
    const before = this.shown.get(runId);
    if (before !== undefined) {
      // Answers may arrive in another order than they were given: the shorter one is the earlier task's.
      const differs = before.lines.findIndex((line, index) => index < lines.length && lines[index] !== line);
      if (differs !== -1) {
        this.violation(
          `${workflowId}/${runId}: a worker saw event ${before.lines[differs]} and another ${lines[differs]}`,
        );
      }
    }
    if (before === undefined || before.lines.length <= lines.length) {
      this.shown.set(runId, { workflowId, runId, lines });
    }
  }
}

/** What must never change once a worker based a decision on it. */
export function lineOf(event: HistoryEvent): string {
  return `${event.eventId} type ${event.eventType} at ${event.eventTime}`;
}
