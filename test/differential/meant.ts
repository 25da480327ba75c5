// Differences that are meant: each stands in docs/differences.md under the title given here. A difference that one of these explains
// is counted but does not fail a run.

import type { TranscriptEntry } from './player.ts';
import type { Program, Step } from './program.ts';

export interface Found {
  readonly program: Program;
  /** A kind of difference, as the report prints it. */
  readonly kind: string;
  /** The step whose outcome differs; undefined for what is compared at the end. */
  readonly step: Step | undefined;
  readonly ours: readonly TranscriptEntry[];
  readonly theirs: readonly TranscriptEntry[];
}

interface Meant {
  readonly title: string;
  explains(found: Found): boolean;
}

/** What an odd call meets for one of these reasons. */
const CALLS: Readonly<Record<string, RegExp>> = {
  'A namespace id that is no UUID is not found': /^describe namespace of a bad id$/,
  'A page token that nobody gave out is refused': / with garbage as token$/,
  '`matchAll` of activity operations means all': /^activity reset of everything and one$/,
  'A queue has one partition': /^describe queue of unknown type$/,
  'STARTS_WITH asks for text': / STARTS_WITH /,
  'A registration without retention keeps two days': /^register a namespace /,
};

/** Where it shows that a server has lost what it knew of updates and queries, and that their callers have asked again. */
const AFTER_REFUSAL =
  /^(update|start with update|query|pollUpdate)\b|\.(messages|queries)|^(pollWorkflowTask|history)|[Hh]istory|stateTransitionCount/;

const MEANT: readonly Meant[] = [
  ...Object.entries(CALLS).map(([title, calls]) => ({
    title,
    explains: ({ step }: Found) => step?.op === 'call' && calls.test(step.call),
  })),
  {
    title: 'A refused call leaves the updates and queries of a run alone',
    explains: ({ kind, program, theirs }) =>
      AFTER_REFUSAL.test(kind) &&
      program.steps.some(
        (step, index) => 'slot' in step && isUpdate(step) && isRefusedAfter(program, theirs, step.slot, index),
      ),
  },
];

const isUpdate = (step: Step): boolean => step.op === 'update' || step.op === 'startWithUpdate' || step.op === 'query';

/** Whether a call about the slot's run was refused by its history, behind a step. */
function isRefusedAfter(program: Program, theirs: readonly TranscriptEntry[], slot: number, index: number): boolean {
  return program.steps.some((step, place) => {
    if (place <= index || !('slot' in step) || step.slot !== slot || step.op === 'call') return false;
    const outcome = theirs[place]?.outcome;
    return typeof outcome === 'object' && outcome !== null && 'error' in outcome;
  });
}

/** The title of the explanation, if there is one. */
export function explanationOf(found: Found): string | undefined {
  return MEANT.find((meant) => meant.explains(found))?.title;
}
