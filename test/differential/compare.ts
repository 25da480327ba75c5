// Compares what two servers, or a server and a kept case, answered to one program.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explanationOf } from './meant.ts';
import { IdMatching, type ValueDifference, differences as valueDifferences } from './normalise.ts';
import type { TranscriptEntry } from './player/index.ts';
import type { Program } from './program.ts';

/** Programs that once showed a difference, with what Temporal answered. */
export const CASES = join(dirname(fileURLToPath(import.meta.url)), 'cases');

export interface Case {
  readonly program: Program;
  readonly transcript: readonly TranscriptEntry[];
}

export interface TranscriptDifferences {
  /** Of the first entry that differs otherwise than is meant; what follows may only follow from it. */
  readonly found: readonly ValueDifference[];
  /** The meant differences before it, one of each title for an entry. */
  readonly meant: readonly MeantDifference[];
}

export interface MeantDifference {
  readonly title: string;
  readonly entry: string;
  readonly kind: string;
}

export function transcriptDifferences(
  program: Program,
  ours: readonly TranscriptEntry[],
  theirs: readonly TranscriptEntry[],
  isKnown: (kind: string) => boolean = () => false,
): TranscriptDifferences {
  const ids = new IdMatching();
  const meant: MeantDifference[] = [];
  for (const [index, entry] of theirs.entries()) {
    const path = entry.step.replace(/^\d+ /, '');
    const all = valueDifferences(ours[index]?.outcome, entry.outcome, ids, path);
    const explained = all.map((difference) => {
      const kind = kindOf(difference);
      return {
        difference,
        kind,
        why: explanationOf({ program, kind, place: index, step: program.steps[index], ours, theirs }),
      };
    });
    const titles = new Map(explained.flatMap(({ kind, why }) => (why ? [[why.title, kind] as const] : [])));
    meant.push(...[...titles].map(([title, kind]) => ({ title, entry: entry.step, kind })));
    if (explained.some(({ why }) => why?.spreads)) break;
    const found = explained.filter(({ kind, why }) => !why && !isKnown(kind)).map(({ difference }) => difference);
    if (found.length > 0) return { found, meant };
  }
  return { found: [], meant };
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
