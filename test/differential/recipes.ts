// Short stories that random steps hardly ever tell: each leads to events that need several steps in the right order. A program takes
// some of them in between its random steps, with oddities of their own, so that they are told in every state a workflow can be in.

import type { Random } from '../crash/random.ts';
import { NAMESPACE_CALLS } from './namespaces.ts';
import type { ProgramCommand, Step } from './program.ts';

type Recipe = (random: Random, slot: number) => Step[];

const CHILD_SLOT = 3;

const start = (slot: number, oddity?: string): Step => ({ op: 'start', slot, ...(oddity ? { oddity } : {}) });
const poll = (slot: number): Step => ({ op: 'pollWorkflowTask', slot });
const signal = (slot: number): Step => ({ op: 'signal', slot });
const describe = (slot: number): Step => ({ op: 'describe', slot });
const answer = (
  slot: number,
  commands: readonly ProgramCommand[] = [],
  more: Partial<Extract<Step, { op: 'answerWorkflowTask' }>> = {},
): Step => ({ op: 'answerWorkflowTask', slot, commands, updates: 'complete', ...more });
const command = (kind: ProgramCommand['kind'], id = 0, oddity?: string): ProgramCommand => ({
  kind,
  id,
  ...(oddity ? { oddity } : {}),
});
const task = (slot: number, ...commands: ProgramCommand[]): Step[] => [poll(slot), answer(slot, commands)];
const close = (random: Random): ProgramCommand =>
  command(random.oneOf(['complete', 'fail', 'cancel', 'continueAsNew', 'complete', 'fail'] as const));
const activityAnswer = (
  slot: number,
  how: Extract<Step, { op: 'answerActivity' }>['how'],
  byId = false,
  oddity?: string,
): Step => ({ op: 'answerActivity', slot, how, byId, ...(oddity ? { oddity } : {}) });
const pollActivity = (slot: number): Step => ({ op: 'pollActivityTask', slot });
const operation = (slot: number, how: Extract<Step, { op: 'activityOptions' }>['how'], oddity?: string): Step => ({
  op: 'activityOptions',
  slot,
  how,
  ...(oddity ? { oddity } : {}),
});

const ACTIVITY_ANSWERS = ['complete', 'fail', 'failFatally', 'cancel', 'heartbeat'] as const;
const OPERATIONS = ['pause', 'unpause', 'reset', 'update'] as const;
const OPERATION_ODDITIES = ['all', 'type', 'retry', 'queue', 'heartbeat', 'restore', 'keepPaused', 'jitter'] as const;

const RECIPES: Readonly<Record<string, Recipe>> = {
  // Events that come while a worker has the task.
  buffered: (random, slot) => [
    ...task(slot, command('activity', 0), command('timer', 1)),
    pollActivity(slot),
    signal(slot),
    poll(slot),
    signal(slot),
    random.next() < 0.5 ? { op: 'requestCancel', slot } : describe(slot),
    activityAnswer(slot, random.oneOf(ACTIVITY_ANSWERS)),
    signal(slot),
    random.next() < 0.3
      ? { op: 'failWorkflowTask', slot }
      : answer(slot, random.next() < 0.4 ? [close(random)] : [command('cancelTimer', 1)]),
    poll(slot),
    answer(slot),
  ],
  children: (random) => {
    const id = random.between(0, 1);
    const child = CHILD_SLOT + id;
    const end: Step[] = [
      [poll(child), answer(child, [close(random)])],
      [{ op: 'terminate', slot: child } as Step],
      [{ op: 'requestCancel', slot: child } as Step, poll(child), answer(child, [command('cancel')])],
      [poll(0), answer(0, [command('signalExternal', id, 'child'), command('marker', 1)])],
      [signal(0), ...task(0, command('cancelExternal', id, random.oneOf(['child', 'childOnly'])))],
      [],
    ][random.between(0, 5)] as Step[];
    const oddity = random.oneOf(['', 'abandon', 'requestCancel', 'memo', 'timeouts', 'shortRun'] as const);
    return [
      ...task(0, command('child', id, oddity)),
      ...(random.next() < 0.3 ? [poll(0)] : []),
      ...end,
      ...(random.next() < 0.5 ? task(0, ...(random.next() < 0.5 ? [close(random)] : [])) : []),
      describe(child),
    ];
  },
  neighbours: (random, slot) => {
    const other = (slot + 1) % CHILD_SLOT;
    const kind = random.oneOf(['signalExternal', 'cancelExternal'] as const);
    return [start(other), signal(slot), ...task(slot, command(kind, 0)), ...task(slot), poll(other), answer(other)];
  },
  'cancelled activity': (random, slot) => [
    ...task(slot, command('activity', 0, random.oneOf(['', 'heartbeat', 'noRetry'] as const))),
    ...(random.next() < 0.7 ? [pollActivity(slot)] : []),
    signal(slot),
    ...task(slot, command('cancelActivity', 0)),
    activityAnswer(slot, 'heartbeat', random.next() < 0.4),
    activityAnswer(slot, random.oneOf(['cancel', 'complete', 'fail'] as const), random.next() < 0.4),
    ...task(slot),
  ],
  'activity attempts': (random, slot) => [
    ...task(slot, command('activity', 0, random.oneOf(['quickRetry', 'noRetry', 'heartbeat'] as const))),
    pollActivity(slot),
    activityAnswer(slot, 'heartbeat'),
    activityAnswer(slot, random.oneOf(['fail', 'failFatally'] as const), random.next() < 0.3),
    describe(slot),
    pollActivity(slot),
    activityAnswer(slot, random.oneOf(ACTIVITY_ANSWERS)),
    ...task(slot),
  ],
  'activity times out': (random, slot) => [
    ...task(
      slot,
      command(
        'activity',
        0,
        random.oneOf(['shortStartToClose', 'shortHeartbeat', 'shortScheduleToStart', 'shortScheduleToClose'] as const),
      ),
    ),
    pollActivity(slot),
    describe(slot),
    activityAnswer(slot, 'complete'),
    ...task(slot),
  ],
  'activity operations': (random, slot) => [
    ...task(slot, command('activity', 0), command('activity', 1)),
    ...(random.next() < 0.5 ? [pollActivity(slot)] : []),
    operation(slot, random.oneOf(OPERATIONS), random.oneOf(['', ...OPERATION_ODDITIES])),
    describe(slot),
    operation(slot, random.oneOf(OPERATIONS), random.oneOf(['', ...OPERATION_ODDITIES])),
    ...(random.next() < 0.5 ? [activityAnswer(slot, random.oneOf(ACTIVITY_ANSWERS))] : []),
    operation(slot, random.oneOf(OPERATIONS), random.oneOf(['', ...OPERATION_ODDITIES])),
    describe(slot),
    pollActivity(slot),
    activityAnswer(slot, random.oneOf(ACTIVITY_ANSWERS)),
    describe(slot),
  ],
  updates: (random, slot) => {
    const id = random.between(0, 2);
    return [
      ...(random.next() < 0.5 ? task(slot) : []),
      { op: 'update', slot, id, ...(random.next() < 0.4 ? { oddity: 'waitAccepted' } : {}) },
      poll(slot),
      answer(slot, [command('timer', id)], { updates: random.oneOf(['accept', 'complete', 'reject'] as const) }),
      { op: 'update', slot, id: random.between(0, 2) },
      signal(slot),
      poll(slot),
      answer(slot, [], { updates: random.oneOf(['finish', 'accept', 'complete'] as const) }),
      { op: 'pollUpdate', slot, id },
      signal(slot),
      poll(slot),
      answer(slot, random.next() < 0.5 ? [close(random)] : [], { updates: 'finish' }),
      { op: 'pollUpdate', slot, id },
    ];
  },
  'updates and a reset': (random, slot) => [
    ...task(slot),
    { op: 'update', slot, id: 0 },
    poll(slot),
    answer(slot, [], { updates: random.oneOf(['accept', 'complete'] as const) }),
    signal(slot),
    { op: 'reset', slot, eventId: 4, ...(random.next() < 0.3 ? { oddity: 'excludeUpdates' } : {}) },
    poll(slot),
    answer(slot, [], { updates: random.oneOf(['accept', 'complete', 'reject'] as const) }),
    { op: 'pollUpdate', slot, id: 0 },
  ],
  reset: (random, slot) => [
    ...task(slot, command('activity', 0), command('timer', 0)),
    signal(slot),
    ...task(slot, command('marker', 1), command('upsertSearchAttributes'), command('modifyMemo')),
    ...(random.next() < 0.5 ? [pollActivity(slot)] : []),
    ...(random.next() < 0.3 ? [signal(slot), poll(slot)] : []),
    ...(random.next() < 0.3 ? task(slot, close(random)) : []),
    {
      op: 'reset',
      slot,
      eventId: random.oneOf([3, 4, 5, 8, 9, 10, 12]),
      ...(random.next() < 0.5
        ? { oddity: random.oneOf(['noReapply', 'excludeSignals', 'noRequestId', 'afterwards', 'all'] as const) }
        : {}),
    },
    describe(slot),
    ...task(slot, ...(random.next() < 0.5 ? [close(random)] : [])),
  ],
  'paused workflow': (random, slot) => [
    ...task(slot, command('activity', 0)),
    {
      op: 'pauseWorkflow',
      slot,
      ...(random.next() < 0.2 ? { oddity: random.oneOf(['longReason', 'longRequest', 'unknownRun'] as const) } : {}),
    },
    describe(slot),
    ...(random.next() < 0.3 ? [{ op: 'pauseWorkflow', slot } as Step] : []),
    random.oneOf<Step>([
      { op: 'update', slot, id: 0 },
      { op: 'terminate', slot },
      { op: 'requestCancel', slot },
      { op: 'reset', slot, eventId: 4 },
      { op: 'query', slot },
      { op: 'workflowOptions', slot },
    ]),
    { op: 'unpauseWorkflow', slot, ...(random.next() < 0.2 ? { oddity: 'unknownRun' } : {}) },
    describe(slot),
  ],
  cron: (random, slot) => [
    { op: 'terminate', slot },
    start(slot, 'cronSoon'),
    poll(slot),
    answer(slot, [close(random)]),
    describe(slot),
    poll(slot),
    answer(slot, [close(random)]),
    { op: 'terminate', slot },
  ],
  retries: (random, slot) => [
    { op: 'terminate', slot },
    start(slot, 'quickRetry'),
    poll(slot),
    answer(slot, [command('fail', 0, random.next() < 0.3 ? 'fatal' : undefined)]),
    describe(slot),
    poll(slot),
    answer(slot, [close(random)]),
  ],
  timers: (random, slot) => [
    ...task(slot, command('timer', 0, random.oneOf(['short', 'zero'] as const)), command('timer', 1)),
    ...task(slot, command('cancelTimer', random.between(0, 1)), command('timer', 2)),
  ],
  sticky: (random, slot) => [
    poll(slot),
    answer(slot, [], { oddity: 'sticky' }),
    { op: 'stickyPoll', slot },
    random.next() < 0.7 ? signal(slot) : { op: 'update', slot, id: 1 },
    { op: 'stickyTask', slot },
    random.next() < 0.2 ? { op: 'resetSticky', slot } : describe(slot),
    answer(slot, random.next() < 0.3 ? [close(random)] : [], random.next() < 0.5 ? { oddity: 'sticky' } : {}),
    { op: 'stickyPoll', slot },
    signal(slot),
    { op: 'stickyTask', slot },
    random.next() < 0.5 ? { op: 'failWorkflowTask', slot } : answer(slot),
    poll(slot),
    answer(slot),
  ],
  queries: (random, slot) => [
    ...task(slot),
    { op: 'query', slot, ...(random.next() < 0.3 ? { oddity: 'failed' } : {}) },
    signal(slot),
    { op: 'query', slot, oddity: 'buffered' },
    ...task(slot, ...(random.next() < 0.3 ? [close(random)] : [])),
    { op: 'query', slot, ...(random.next() < 0.3 ? { oddity: 'rejectNotOpen' } : {}) },
  ],
  'failing tasks': (random, slot) => [
    poll(slot),
    { op: 'failWorkflowTask', slot },
    signal(slot),
    poll(slot),
    random.next() < 0.5 ? { op: 'failWorkflowTask', slot } : answer(slot, [command('timer', 0, 'noId')]),
    { op: 'update', slot, id: 0 },
    describe(slot),
    { op: 'list', filter: 0 },
  ],
  deletion: (random, slot) => [
    ...task(slot, ...(random.next() < 0.5 ? [close(random)] : [])),
    { op: 'delete', slot },
    describe(slot),
    { op: 'history', slot },
    start(slot),
  ],
  namespace: (random) => {
    const calls = Object.keys(NAMESPACE_CALLS).filter((what) => what !== 'register');
    const some = Array.from({ length: 5 }, () => random.oneOf(calls));
    return ['register', ...some, 'describe', ...(random.next() < 0.2 ? ['register'] : [])].map((what) => ({
      op: 'namespace',
      what,
    }));
  },
};

export const RECIPE_NAMES = Object.keys(RECIPES);

/** Most are about a workflow that a client has started. */
export function randomRecipe(random: Random): Step[] {
  const recipe = RECIPES[random.oneOf(RECIPE_NAMES)];
  const slot = random.next() < 0.8 ? 0 : random.between(1, CHILD_SLOT - 1);
  const steps = recipe?.(random, slot) ?? [];
  // What came before may have closed it; an open one stays as it is.
  return slot === 0 && random.next() < 0.4 ? steps : [start(slot), ...steps];
}
