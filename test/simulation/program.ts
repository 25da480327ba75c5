// What a simulated workflow does, as data that travels in its input: groups of steps, each group in parallel, one after the other,
// and how the run ends. Random programs come from a seed.

import type { Random } from '../crash/random.ts';

/** What becomes of one attempt of an activity. */
export type AttemptOutcome =
  | 'complete'
  | 'fail'
  | 'failForGood'
  | 'vanish'
  | 'heartbeat'
  | 'heartbeatAndVanish'
  | 'slow';

export type Step =
  | {
      readonly kind: 'activity';
      /** By attempt; the last one repeats. */
      readonly outcomes: readonly AttemptOutcome[];
      readonly maximumAttempts: number;
      readonly initialIntervalMs: number;
      readonly startToCloseMs: number;
      readonly scheduleToCloseMs: number;
      readonly scheduleToStartMs: number;
      readonly heartbeatMs: number;
      readonly eager: boolean;
      /** Asked to cancel as soon as the rest of its group is done. */
      readonly cancelled: boolean;
    }
  | { readonly kind: 'timer'; readonly milliseconds: number; readonly cancelled: boolean }
  | {
      readonly kind: 'child';
      readonly program: Program;
      /** temporal.api.enums.v1.ParentClosePolicy */
      readonly parentClosePolicy: number;
      /** Done once it has started; else once it has closed. */
      readonly detached: boolean;
      readonly cancelled: boolean;
    }
  | { readonly kind: 'signalExternal'; readonly target: number }
  | { readonly kind: 'cancelExternal'; readonly target: number }
  | { readonly kind: 'signals'; readonly count: number }
  | { readonly kind: 'marker' }
  | { readonly kind: 'memo' };

export type ActivityStep = Extract<Step, { readonly kind: 'activity' }>;

export interface Program {
  readonly groups: readonly (readonly Step[])[];
  readonly end: 'complete' | 'fail' | 'continueAsNew' | 'retry';
  /** Continue-as-new: runs that still follow. */
  readonly runsLeft: number;
  /** Whether a cancel request ends the run at once. */
  readonly obeysCancel: boolean;
  /** How updates are answered, by the last digit of their id. */
  readonly acceptsLate: boolean;
}

/** Workflows that clients start; programs refer to them by number. */
export const WORKFLOWS_PER_SEED = 7;

const MINUTE_MS = 60_000;

export function workflowIdOf(index: number): string {
  return `wf-${index}`;
}

export function randomProgram(random: Random, depth = 0): Program {
  const groups = Array.from({ length: random.between(1, depth === 0 ? 4 : 2) }, () => {
    const steps = Array.from({ length: random.between(1, 3) }, () => randomStep(random, depth));
    // What is cancelled when the rest is done needs a rest.
    return steps.some((step) => !isCancelled(step)) ? steps : [...steps, { kind: 'marker' } as const];
  });
  return {
    groups,
    end: random.oneOf(['complete', 'complete', 'complete', 'fail', 'continueAsNew', 'retry'] as const),
    runsLeft: random.between(0, 2),
    obeysCancel: random.next() < 0.7,
    acceptsLate: random.next() < 0.4,
  };
}

export function isCancelled(step: Step): boolean {
  return 'cancelled' in step && step.cancelled;
}

function randomStep(random: Random, depth: number): Step {
  const dice = random.next();
  if (dice < 0.4) return randomActivity(random);
  if (dice < 0.65) {
    return {
      kind: 'timer',
      milliseconds: random.oneOf([1, 50, 900, 5_000, 61_000, 400_000]) + random.between(0, 50),
      cancelled: random.next() < 0.25,
    };
  }
  if (dice < 0.77 && depth < 2) {
    return {
      kind: 'child',
      program: randomProgram(random, depth + 1),
      parentClosePolicy: random.between(1, 3),
      detached: random.next() < 0.3,
      cancelled: random.next() < 0.2,
    };
  }
  if (dice < 0.83) return { kind: 'signalExternal', target: random.between(0, WORKFLOWS_PER_SEED) };
  if (dice < 0.85) return { kind: 'cancelExternal', target: random.between(0, WORKFLOWS_PER_SEED) };
  if (dice < 0.92 && depth === 0) return { kind: 'signals', count: random.between(1, 4) };
  return { kind: random.oneOf(['marker', 'memo'] as const) };
}

export function randomActivity(random: Random): ActivityStep {
  const outcomes = Array.from({ length: random.between(1, 3) }, () =>
    random.oneOf([
      'complete',
      'complete',
      'complete',
      'fail',
      'fail',
      'failForGood',
      'vanish',
      'heartbeat',
      'heartbeatAndVanish',
      'slow',
    ] as const),
  );
  return {
    kind: 'activity',
    outcomes,
    maximumAttempts: random.oneOf([1, 2, 3, 5]),
    initialIntervalMs: random.oneOf([10, 500, 4_000]),
    startToCloseMs: random.oneOf([1_500, 10_000]),
    scheduleToCloseMs: random.oneOf([0, 0, 20_000, 2 * MINUTE_MS]),
    scheduleToStartMs: random.oneOf([0, 0, 0, 5_000]),
    heartbeatMs: random.oneOf([0, 1_000, 3_000]),
    eager: random.next() < 0.3,
    cancelled: random.next() < 0.2,
  };
}
