// Programs of the differential suite: what a client and a worker do, one call after the other, as data. Random ones come from a
// seed; found ones are kept as JSON. A program names workflows by slot (0, 1, 2) and never by id, so that it can be played anywhere.

import type { Random } from '../crash/random.ts';
import { ODD_CALLS } from './calls/index.ts';
import { LISTS } from './lists.ts';
import { ODDITIES } from './oddities.ts';
import { randomRecipe } from './recipes.ts';

/** A command of a workflow task answer; `oddity` breaks one of its fields. */
export interface ProgramCommand {
  readonly kind:
    | 'timer'
    | 'cancelTimer'
    | 'activity'
    | 'cancelActivity'
    | 'marker'
    | 'child'
    | 'signalExternal'
    | 'cancelExternal'
    | 'upsertSearchAttributes'
    | 'modifyMemo'
    | 'complete'
    | 'fail'
    | 'cancel'
    | 'continueAsNew'
    | 'message'
    | 'unknown';
  readonly id: number;
  readonly oddity?: string;
}

export type Step =
  | { readonly op: 'start'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'signalWithStart'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'signal'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'requestCancel'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'terminate'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'describe'; readonly slot: number }
  | { readonly op: 'history'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'pollWorkflowTask'; readonly slot: number }
  | {
      readonly op: 'answerWorkflowTask';
      readonly slot: number;
      readonly commands: readonly ProgramCommand[];
      readonly updates?: 'complete' | 'accept' | 'reject' | 'ignore' | 'finish';
      readonly oddity?: string;
    }
  | { readonly op: 'failWorkflowTask'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'pollActivityTask'; readonly slot: number }
  | {
      readonly op: 'answerActivity';
      readonly slot: number;
      readonly how: 'complete' | 'fail' | 'failFatally' | 'cancel' | 'heartbeat';
      readonly byId: boolean;
      readonly oddity?: string;
    }
  | { readonly op: 'query'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'update'; readonly slot: number; readonly id: number; readonly oddity?: string }
  | { readonly op: 'reset'; readonly slot: number; readonly eventId: number; readonly oddity?: string }
  | {
      readonly op: 'activityOptions';
      readonly slot: number;
      readonly how: 'pause' | 'unpause' | 'reset' | 'update';
      readonly oddity?: string;
    }
  | { readonly op: 'resetSticky'; readonly slot: number }
  | { readonly op: 'startWithUpdate'; readonly slot: number; readonly id: number; readonly oddity?: string }
  | { readonly op: 'pollUpdate'; readonly slot: number; readonly id: number }
  | { readonly op: 'workflowOptions'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'list'; readonly filter: number }
  | { readonly op: 'call'; readonly slot: number; readonly call: string }
  | { readonly op: 'pauseWorkflow' | 'unpauseWorkflow'; readonly slot: number; readonly oddity?: string }
  | { readonly op: 'delete'; readonly slot: number }
  | { readonly op: 'stickyPoll' | 'stickyTask'; readonly slot: number }
  | { readonly op: 'namespace'; readonly what: string }
  | { readonly op: 'activityExecution'; readonly slot: number; readonly what: string; readonly oddity?: string }
  | { readonly op: 'wait'; readonly long?: boolean };

export interface Program {
  readonly seed: number;
  readonly steps: readonly Step[];
}

/** Workflows that clients start. */
export const SLOTS = 3;
/** Behind them: the children 0 and 1 of slot 0. */
export const CHILD_SLOTS = 2;

const COMMANDS: readonly (readonly [weight: number, kind: ProgramCommand['kind']])[] = [
  [12, 'timer'],
  [5, 'cancelTimer'],
  [16, 'activity'],
  [5, 'cancelActivity'],
  [5, 'marker'],
  [6, 'child'],
  [4, 'signalExternal'],
  [3, 'cancelExternal'],
  [3, 'upsertSearchAttributes'],
  [3, 'modifyMemo'],
  [4, 'complete'],
  [3, 'fail'],
  [2, 'cancel'],
  [2, 'continueAsNew'],
  [1, 'message'],
  [1, 'unknown'],
];

const NAMED_CALLS = Object.keys(ODD_CALLS);

/** How often one of the longer stories comes next. */
const RECIPE = 0.15;
/** How often a step or command is odd. */
const ODD = 0.22;
const LEAST_STEPS = 6;
const MOST_STEPS = 26;

export function randomProgram(random: Random, seed: number): Program {
  const steps: Step[] = [{ op: 'start', slot: 0, ...odd(random, 'start', 0.3) }];
  const count = random.between(LEAST_STEPS, MOST_STEPS);
  while (steps.length < count) steps.push(...randomSteps(random));
  return { seed, steps };
}

function randomSteps(random: Random): Step[] {
  const slot = random.next() < 0.65 ? 0 : random.between(0, SLOTS + CHILD_SLOTS - 1);
  if (random.next() < RECIPE) return randomRecipe(random);
  const choice = random.next();
  if (choice < 0.4) return workflowTask(random, slot);
  if (choice < 0.56) return activity(random, slot);
  if (choice < 0.66) return [{ op: 'signal', slot, ...odd(random, 'signal') }];
  return [client(random, slot)];
}

function workflowTask(random: Random, slot: number): Step[] {
  if (random.next() < 0.12) {
    return [
      { op: 'pollWorkflowTask', slot },
      { op: 'failWorkflowTask', slot, ...odd(random, 'failWorkflowTask', 0.4) },
    ];
  }
  const between: Step[] = random.next() < 0.2 ? [client(random, slot)] : [];
  const commands = inOrder(Array.from({ length: random.between(0, 4) }, () => randomCommand(random)));
  return [
    { op: 'pollWorkflowTask', slot },
    ...between,
    {
      op: 'answerWorkflowTask',
      slot,
      commands,
      updates: random.oneOf(['complete', 'complete', 'accept', 'reject', 'ignore'] as const),
      ...odd(random, 'answerWorkflowTask'),
    },
  ];
}

const ELSEWHERE: ReadonlySet<string> = new Set(['child', 'signalExternal', 'cancelExternal']);
const FIRES: ReadonlySet<string> = new Set(['short', 'zero', 'noTimeout']);

/** At most one of the commands that lead to an event later: the order of two such events is nobody's promise. */
function inOrder(commands: readonly ProgramCommand[]): ProgramCommand[] {
  let later = 0;
  return commands.filter((command) => {
    if (!ELSEWHERE.has(command.kind) && !(command.kind === 'timer' && FIRES.has(command.oddity ?? ''))) return true;
    later += 1;
    return later === 1;
  });
}

function activity(random: Random, slot: number): Step[] {
  const how = random.oneOf(['complete', 'complete', 'fail', 'failFatally', 'cancel', 'heartbeat'] as const);
  const byId = random.next() < 0.25;
  return [
    { op: 'pollActivityTask', slot },
    { op: 'answerActivity', slot, how, byId, ...odd(random, 'answerActivity', 0.15) },
  ];
}

function client(random: Random, slot: number): Step {
  const choices: readonly (readonly [number, () => Step])[] = [
    [10, () => ({ op: 'start', slot, ...odd(random, 'start', 0.6) })],
    [5, () => ({ op: 'signalWithStart', slot, ...odd(random, 'signalWithStart', 0.4) })],
    [6, () => ({ op: 'requestCancel', slot, ...odd(random, 'requestCancel') })],
    [3, () => ({ op: 'terminate', slot, ...odd(random, 'terminate', 0.4) })],
    [8, () => ({ op: 'describe', slot })],
    [5, () => ({ op: 'history', slot, ...odd(random, 'history', 0.8) })],
    [6, () => ({ op: 'query', slot, ...odd(random, 'query', 0.4) })],
    [8, () => ({ op: 'update', slot, id: random.between(0, 2), ...odd(random, 'update') })],
    [5, () => ({ op: 'reset', slot, eventId: random.between(0, 12), ...odd(random, 'reset') })],
    [5, () => ({ op: 'activityOptions', slot, how: random.oneOf(['pause', 'unpause', 'reset', 'update'] as const) })],
    [1, () => ({ op: 'resetSticky', slot })],
    [3, () => ({ op: 'startWithUpdate', slot, id: random.between(0, 2), ...odd(random, 'startWithUpdate', 0.5) })],
    [2, () => ({ op: 'pollUpdate', slot, id: random.between(0, 2) })],
    [2, () => ({ op: 'workflowOptions', slot, ...odd(random, 'workflowOptions', 0.3) })],
    [1, () => ({ op: 'pauseWorkflow', slot, ...odd(random, 'pauseWorkflow') })],
    [2, () => ({ op: 'unpauseWorkflow', slot, ...odd(random, 'pauseWorkflow') })],
    [3, () => ({ op: 'list', filter: random.between(0, LISTS.length - 1) })],
    [14, () => ({ op: 'call', slot, call: random.oneOf(NAMED_CALLS) })],
    [1, () => ({ op: 'wait', ...(random.next() < 0.5 ? { long: true } : {}) })],
  ];
  return weighted(random, choices)();
}

function randomCommand(random: Random): ProgramCommand {
  const kind = weighted(random, COMMANDS);
  return { kind, id: random.between(0, 2), ...odd(random, kind) };
}

function odd(random: Random, of: string, probability = ODD): { oddity?: string } {
  const known = ODDITIES[of];
  return known && random.next() < probability ? { oddity: random.oneOf(known) } : {};
}

function weighted<T>(random: Random, choices: readonly (readonly [weight: number, item: T])[]): T {
  let rest = random.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, item] of choices) {
    rest -= weight;
    if (rest < 0) return item;
  }
  throw new Error('no choice');
}
