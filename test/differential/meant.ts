// Differences that are meant: each stands in docs/differences.md under the title given here. A difference that one of these explains
// is counted but does not fail a run.

import type { TranscriptEntry } from './player/index.ts';
import type { Program, Step } from './program.ts';

export interface Found {
  readonly program: Program;
  /** A kind of difference, as the report prints it. */
  readonly kind: string;
  /** Which entry of the transcripts differs: behind those of the steps comes what is compared at the end. */
  readonly place: number;
  /** The step whose outcome differs; undefined for what is compared at the end. */
  readonly step: Step | undefined;
  readonly ours: readonly TranscriptEntry[];
  readonly theirs: readonly TranscriptEntry[];
}

export interface Meant {
  readonly title: string;
  /** What comes later may follow from it, and is not compared. */
  readonly spreads: boolean;
  explains(found: Found): boolean;
}

/** What an odd call meets for one of these reasons. */
const CALLS: Readonly<Record<string, RegExp>> = {
  'A namespace id that is no UUID is not found': /^describe namespace of a bad id$/,
  'A page token that nobody gave out is refused': / with garbage as token$/,
  'A negative size of a page of namespaces counts as none': /^list namespaces with a negative page$/,
  'STARTS_WITH asks for text': / STARTS_WITH /,
  'A registration without retention keeps two days': /^register a namespace /,
};

/** Where it shows that a server has lost what it knew of updates and queries, and that their callers have asked again. */
const AFTER_REFUSAL =
  /^(update|start with update|query|pollUpdate)\b|\.(messages|queries)|^(pollWorkflowTask|history)|[Hh]istory|stateTransitionCount|pendingWorkflowTask/;

const MEANT: readonly Meant[] = [
  ...Object.entries(CALLS).map(([title, calls]) => ({
    title,
    spreads: false,
    explains: ({ step }: Found) => step?.op === 'call' && calls.test(step.call),
  })),
  {
    title: '`matchAll` of activity operations means all',
    spreads: true,
    explains: ({ step }) =>
      (step?.op === 'call' && step.call === 'activity reset of everything and one') ||
      (step?.op === 'activityOptions' && step.oddity === 'all'),
  },
  {
    title: 'A queue has one partition',
    spreads: false,
    explains: ({ kind }) =>
      /(requestsPerSecond|ratePerSecond): ours 100000, Temporal 4000$/.test(kind) ||
      /TaskQueuePartitions: ours \[\{"key":"PREFIX-qN"\}\], Temporal \[\{"key":"PREFIX-qN"\},\{"key":"\/_sys\/PREFIX-qN\/1"\},/.test(
        kind,
      ),
  },
  {
    title: 'Not there yet: schedules, heartbeats of workers',
    spreads: false,
    explains: ({ kind }) =>
      /\.(supportsSchedules|workerHeartbeats|nexus|serverScaledDeployments): ours nothing, Temporal true$/.test(kind),
  },
  {
    title: 'A worker hears of the timeouts that its attempt has',
    spreads: false,
    explains: ({ kind, program }) =>
      /^pollActivityTask\.ok\.(startToClose|heartbeat|scheduleToClose)Timeout/.test(kind) &&
      program.steps.some((step) => step.op === 'activityOptions'),
  },
  {
    title: 'The answer to an update-with-start that joins a run links to its namespace too',
    spreads: false,
    explains: ({ kind }) => /^start with update .*startWorkflow\.link\.workflowEvent\.namespace: /.test(kind),
  },
  {
    title: 'A child command without attributes fails the workflow task',
    spreads: true,
    explains: ({ step }) =>
      step?.op === 'answerWorkflowTask' &&
      step.commands.some(({ kind, oddity }) => kind === 'child' && oddity === 'missing'),
  },
  {
    title: 'A paused run gets no task',
    spreads: true,
    explains: ({ kind, program, theirs }) => AFTER_PAUSE.test(kind) && hasPaused(program, theirs),
  },
  {
    title: 'A description of an activity does not say which SDK its worker has',
    spreads: false,
    explains: ({ kind }) => /\.info\.sdk(Name|Version): ours nothing, /.test(kind),
  },
  {
    title: 'A page token that nobody gave out is refused',
    spreads: false,
    explains: ({ step }) => step?.op === 'activityExecution' && step.what === 'list' && step.oddity === 'badToken',
  },
  {
    title: 'Lists of activities read a filter as lists of workflows do',
    spreads: false,
    explains: ({ step, kind }) =>
      step?.op === 'activityExecution' && step.oddity === 'badFilter' && /\.message: ours "invalid query: /.test(kind),
  },
  {
    title: 'A run that waits for its first workflow task can be paused',
    spreads: true,
    explains: ({ kind }) => /^pauseWorkflow\.error: ours nothing, Temporal \{"code":"INTERNAL"/.test(kind),
  },
  {
    title: 'Parts of different signs of a duration in a command add up',
    spreads: true,
    explains: ({ step }) =>
      step?.op === 'answerWorkflowTask' &&
      step.commands.some(({ kind, oddity }) => kind === 'timer' && oddity === 'nanos'),
  },
  {
    title: 'A refused call leaves the updates and queries of a run alone',
    spreads: true,
    explains: ({ kind, program, place, theirs }) =>
      AFTER_REFUSAL.test(kind) &&
      program.steps.some(
        (step, index) => 'slot' in step && isUpdate(step) && isRefusedBetween(program, theirs, step.slot, index, place),
      ),
  },
  {
    // The same, when a poll of Temporal meets a task that is obsolete: changed options have handed a second one out.
    title: 'A refused call leaves the updates and queries of a run alone',
    spreads: true,
    explains: ({ kind, program, place, theirs }) =>
      /^pollWorkflowTask\.ok\.queries: ours .*, Temporal nothing$|^query \d/.test(kind) &&
      program.steps.some(
        (step, index) => index < place && step.op === 'workflowOptions' && isTaken(theirs[index]?.outcome),
      ),
  },
  {
    title: 'An update that a reset has brought back waits until a worker has answered it',
    spreads: false,
    explains: ({ kind, program, place, step }) =>
      step?.op === 'pollUpdate' &&
      /^pollUpdate\.(ok: ours \{"stage":"UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_ADMITTED"|error: ours nothing, Temporal \{"code":"INTERNAL")/.test(
        kind,
      ) &&
      program.steps.some((other, index) => index < place && other.op === 'reset' && other.slot === step.slot),
  },
  {
    title: 'An unknown parent close policy keeps no run from being deleted',
    spreads: true,
    explains: ({ step, program, place }) =>
      step?.op === 'describe' &&
      program.steps[place - 1]?.op === 'delete' &&
      program.steps.some(
        (other) =>
          other.op === 'answerWorkflowTask' &&
          other.commands.some(({ kind, oddity }) => kind === 'child' && oddity === 'unknownPolicies'),
      ),
  },
];

/** Where it shows that a task was given out while its run was paused, or was not: a task that Temporal 1.31 schedules then ends the pause. */
const AFTER_PAUSE =
  /^query|^poll(Workflow|Activity)Task|pendingWorkflowTask|pendingActivities|[Hh]istory|stateTransitionCount|status: ours "WORKFLOW_EXECUTION_STATUS_PAUSED", Temporal "WORKFLOW_EXECUTION_STATUS_RUNNING"$/;

const hasPaused = (program: Program, theirs: readonly TranscriptEntry[]): boolean =>
  program.steps.some(({ op }, index) => op === 'pauseWorkflow' && isTaken(theirs[index]?.outcome));

const isTaken = (outcome: unknown): boolean => typeof outcome === 'object' && outcome !== null && 'ok' in outcome;

/** Odd calls that a run's history gets to see, too. */
const ASKS: ReadonlySet<string> = new Set(['update waiting for an unknown stage']);
const IS_REFUSED_BY_HISTORY =
  /first run$|^reset |^options |^(un)?pause |^activity (reset|options) |^terminate of another/;
/** Steps for which a server looks at the run itself. */
const REACHES_THE_RUN: ReadonlySet<string> = new Set([
  'answerWorkflowTask',
  'failWorkflowTask',
  'answerActivity',
  'signal',
  'requestCancel',
  'terminate',
  'update',
  'startWithUpdate',
  'reset',
  'activityOptions',
  'workflowOptions',
  'pauseWorkflow',
  'unpauseWorkflow',
  'delete',
]);
/** Refused before that, or about another run. */
const STAYS_OUTSIDE: ReadonlySet<string> = new Set([
  'unknownId',
  'unknownRun',
  'badRun',
  'noName',
  'longName',
  'longId',
  'garbageToken',
  'emptyToken',
  'longReason',
  'longRequest',
  'longIdentity',
]);

const isUpdate = (step: Step): boolean =>
  step.op === 'update' ||
  step.op === 'startWithUpdate' ||
  step.op === 'query' ||
  (step.op === 'call' && ASKS.has(step.call));

/** Whether a call about the slot's run was refused by its history, behind a step and not behind the entry that differs. */
function isRefusedBetween(
  program: Program,
  theirs: readonly TranscriptEntry[],
  slot: number,
  from: number,
  to: number,
): boolean {
  return program.steps.some((step, place) => {
    if (place <= from || place > to || !('slot' in step) || step.slot !== slot) return false;
    const reaches = step.op === 'call' ? IS_REFUSED_BY_HISTORY.test(step.call) : REACHES_THE_RUN.has(step.op);
    if (!reaches || ('oddity' in step && STAYS_OUTSIDE.has(step.oddity ?? ''))) return false;
    const outcome = theirs[place]?.outcome;
    return typeof outcome === 'object' && outcome !== null && 'error' in outcome;
  });
}

/** Undefined: not meant, but a fault. */
export function explanationOf(found: Found): Meant | undefined {
  return MEANT.find((meant) => meant.explains(found));
}
