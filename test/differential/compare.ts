// Compares what two servers, or a server and a kept case, answered to one program.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IdMatching, type ValueDifference, differences as valueDifferences } from './normalise.ts';
import type { TranscriptEntry } from './player.ts';
import type { Program } from './program.ts';

/** Programs that once showed a difference, with what Temporal answered. */
export const CASES = join(dirname(fileURLToPath(import.meta.url)), 'cases');

export interface Case {
  readonly program: Program;
  readonly transcript: readonly TranscriptEntry[];
}

export interface TranscriptDifferences {
  /** Of the entry that differs. */
  readonly index: number;
  readonly found: readonly ValueDifference[];
}

/** The differences of the first entry that has any, but for those that `isKnown`; what follows may only follow from them. */
export function transcriptDifferences(
  ours: readonly TranscriptEntry[],
  theirs: readonly TranscriptEntry[],
  isKnown: (difference: ValueDifference) => boolean = () => false,
): TranscriptDifferences {
  const ids = new IdMatching();
  for (const [index, entry] of theirs.entries()) {
    const path = entry.step.replace(/^\d+ /, '');
    const found = valueDifferences(ours[index]?.outcome, entry.outcome, ids, path).filter((one) => !isKnown(one));
    if (found.length > 0) return { index, found };
  }
  return { index: theirs.length, found: [] };
}

/** Characters of a value in a report. */
const MAX_SHOWN = 400;

/** What differs, without the values and places that are different in every program. */
export function kindOf({ path, ours, theirs }: ValueDifference): string {
  const values = [ours, theirs].map((value) => (JSON.stringify(value) ?? 'nothing').slice(0, MAX_SHOWN));
  const text = `${path}: ours ${values[0]}, Temporal ${values[1]}`;
  return text
    .replaceAll(/\[\d+\]/g, '[]')
    .replaceAll(/id-\d+/g, 'ID')
    .replaceAll(/-(w|q)\d/g, '-$1N')
    .replaceAll(/ run \d+/g, ' run N');
}

/** Without the names that are new each time a program is played. */
export function neutral(transcript: readonly TranscriptEntry[], prefix: string): TranscriptEntry[] {
  return JSON.parse(JSON.stringify(transcript).replaceAll(prefix, 'PREFIX')) as TranscriptEntry[];
}
