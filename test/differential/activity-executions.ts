// Programs about activities without a workflow: what their clients, workers and operators do, in any order and with odd values. They are
// played on a Temporal that has them in the form of 1.32.

import type { Random } from '../crash/random.ts';
import type { Program, Step } from './program.ts';

export type ActivityExecutionStep = Extract<Step, { op: 'activityExecution' }>;

const NAMED = ['unknownId', 'unknownRun', 'badRun', 'noId'] as const;
const REASONED = [...NAMED, 'sameRequest', 'sameRequest', 'longReason', 'longRequest', 'longIdentity', 'noRequest'];

/** What can be called, how often, and the oddities of each call. */
const CALLS: Readonly<Record<string, { readonly weight: number; readonly oddities: readonly string[] }>> = {
  start: {
    weight: 12,
    oddities: [
      'noId',
      'longId',
      'noType',
      'longType',
      'noQueue',
      'longQueue',
      'internalQueue',
      'noTimeouts',
      'negativeTimeout',
      'zeroTimeouts',
      'onlyScheduleToClose',
      'crossedTimeouts',
      'negativeHeartbeat',
      'badRetry',
      'smallCoefficient',
      'negativeAttempts',
      'noRetry',
      'quickRetry',
      'quickRetry',
      'heartbeat',
      'delay',
      'longDelay',
      'negativeDelay',
      'shortStartToClose',
      'shortScheduleToClose',
      'shortScheduleToStart',
      'shortHeartbeat',
      'rejectDuplicate',
      'failedOnly',
      'useExisting',
      'useExisting',
      'unknownReuse',
      'unknownConflict',
      'searchAttributes',
      'badSearchAttribute',
      'sameRequest',
      'longRequest',
      'noRequest',
      'longIdentity',
      'largeInput',
      'priority',
      'negativePriority',
      'longFairness',
      'unknownNamespace',
      'metadata',
      'largeSummary',
      'header',
    ],
  },
  describe: { weight: 8, oddities: [...NAMED, 'everything', 'everything', 'badToken', 'tokenWithoutRun'] },
  outcome: { weight: 4, oddities: NAMED },
  pollTask: { weight: 20, oddities: [] },
  complete: { weight: 8, oddities: ['byId', 'byId', 'staleToken', 'garbageToken'] },
  fail: { weight: 7, oddities: ['byId', 'byId', 'staleToken'] },
  failFatally: { weight: 3, oddities: ['byId'] },
  cancelled: { weight: 5, oddities: ['byId', 'byId', 'staleToken'] },
  heartbeat: { weight: 8, oddities: ['byId', 'byId', 'staleToken'] },
  requestCancel: { weight: 7, oddities: REASONED },
  terminate: { weight: 4, oddities: REASONED },
  delete: { weight: 2, oddities: NAMED },
  pause: { weight: 5, oddities: REASONED },
  unpause: { weight: 4, oddities: [...REASONED, 'jitter'] },
  reset: { weight: 4, oddities: [...NAMED, 'keepPaused', 'resetHeartbeat', 'restore', 'jitter'] },
  options: {
    weight: 5,
    oddities: [...NAMED, 'heartbeat', 'queue', 'retry', 'jitter', 'restore', 'noMask', 'badMask', 'restoreAndChange'],
  },
  list: { weight: 2, oddities: ['status', 'type', 'badFilter', 'negativePage', 'badToken'] },
  count: { weight: 2, oddities: ['status', 'grouped', 'badFilter'] },
};

const SLOTS = 2;
const ODD = 0.3;
const LEAST_STEPS = 6;
const MOST_STEPS = 22;

export function randomActivityProgram(random: Random, seed: number): Program {
  const steps: Step[] = [step(random, 'start', 0, 0.5)];
  const count = random.between(LEAST_STEPS, MOST_STEPS);
  while (steps.length < count) {
    const slot = random.next() < 0.75 ? 0 : random.between(1, SLOTS - 1);
    const what = weighted(random);
    steps.push(step(random, what, slot, ODD));
    // A worker that has a task mostly does something with it.
    if (what === 'pollTask' && random.next() < 0.5) {
      steps.push(step(random, random.oneOf(['complete', 'fail', 'heartbeat', 'cancelled'] as const), slot, ODD));
    }
  }
  return { seed, steps };
}

function step(random: Random, what: string, slot: number, probability: number): Step {
  const { oddities } = CALLS[what] ?? { oddities: [] };
  const isOdd = oddities.length > 0 && random.next() < probability;
  return { op: 'activityExecution', slot, what, ...(isOdd ? { oddity: random.oneOf(oddities) } : {}) };
}

function weighted(random: Random): string {
  const choices = Object.entries(CALLS);
  let rest = random.next() * choices.reduce((sum, [, { weight }]) => sum + weight, 0);
  for (const [what, { weight }] of choices) {
    rest -= weight;
    if (rest < 0) return what;
  }
  throw new Error('no choice');
}
