// `npm run differential -- --programs 500 --seed N`: plays random programs on a real Temporal Server and on Ostinato, and reports
// the differences by kind, the first --shrink of them shrunk to the fewest steps. --ours ADDR and --theirs ADDR name servers that run already; --keep writes each
// shrunk program with Temporal's answers to regressions/;
// --ignore PATTERN leaves kinds of differences out, to see what stands behind them.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { Random } from '../crash/random.ts';
import { DYNAMIC_CONFIG } from '../end-to-end/harness/dynamic-config.ts';
import { prepareNamespace } from '../end-to-end/harness/environment.ts';
import { OstinatoServer } from '../end-to-end/harness/server.ts';
import { IdMatching, type ValueDifference, differences as valueDifferences } from './normalise.ts';
import { play, type TranscriptEntry } from './player.ts';
import { type Program, randomProgram, type Step } from './program.ts';
import { startTemporal } from './temporal.ts';

const { values: options } = parseArgs({
  options: {
    programs: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    ours: { type: 'string' },
    theirs: { type: 'string' },
    parallel: { type: 'string', default: '6' },
    keep: { type: 'boolean', default: false },
    ignore: { type: 'string', multiple: true, default: [] },
    shrink: { type: 'string', default: '10' },
  },
});

interface Difference {
  readonly program: Program;
  /** All differences of the first entry that differs; what follows may only follow from them. */
  readonly found: readonly ValueDifference[];
  readonly theirs: readonly TranscriptEntry[];
}

const regressions = join(dirname(fileURLToPath(import.meta.url)), 'regressions');
const firstSeed = Number(options.seed);
const count = Number(options.programs);
/** Kinds that are known, to look behind them. */
const ignored = options.ignore.map((pattern) => new RegExp(pattern));
let played = 0;

async function connect(address: string): Promise<Connection> {
  const connection = await Connection.connect({ address, interceptors: [] });
  await prepareNamespace(connection);
  return connection;
}

/** Plays a program on both, each time with new ids. */
async function compare(ours: Connection, theirs: Connection, program: Program): Promise<Difference | undefined> {
  played += 1;
  const prefix = `differential-${process.pid}-${played}`;
  const [our, their] = await Promise.all([play(ours, program, prefix), play(theirs, program, prefix)]);
  const ids = new IdMatching();
  for (const [index, entry] of their.entries()) {
    const found = valueDifferences(our[index]?.outcome, entry.outcome, ids, entry.step.replace(/^\d+ /, '')).filter(
      (difference) => !ignored.some((pattern) => pattern.test(kindOf(difference))),
    );
    if (found.length === 0) continue;
    const text = JSON.stringify(found).replaceAll(prefix, 'PREFIX');
    return { program, found: JSON.parse(text) as ValueDifference[], theirs: neutral(their, prefix) };
  }
  return undefined;
}

/** What differs, without the values and places that are different in every program. */
function kindOf({ path, ours, theirs }: ValueDifference): string {
  const values = [ours, theirs].map((value) => JSON.stringify(value) ?? 'nothing');
  const text = `${path}: ours ${values[0]}, Temporal ${values[1]}`;
  return text
    .replaceAll(/\[\d+\]/g, '[]')
    .replaceAll(/id-\d+/g, 'ID')
    .replaceAll(/-(w|q)\d/g, '-$1N');
}

function neutral(transcript: readonly TranscriptEntry[], prefix: string): TranscriptEntry[] {
  return JSON.parse(JSON.stringify(transcript).replaceAll(prefix, 'PREFIX')) as TranscriptEntry[];
}

/** Leaves out steps and commands as long as a difference of this kind remains. */
async function shrink(ours: Connection, theirs: Connection, found: Difference, kind: string): Promise<Difference> {
  let best = found;
  for (let index = best.program.steps.length - 1; index >= 0; index -= 1) {
    for (const steps of smaller(best.program.steps, index)) {
      const again = await compare(ours, theirs, { ...best.program, steps });
      if (again?.found.some((difference) => kindOf(difference) === kind)) {
        best = again;
        break;
      }
    }
  }
  return best;
}

/** The steps without one of them, or with one command fewer in it. */
function smaller(steps: readonly Step[], index: number): Step[][] {
  const without = steps.filter((_, place) => place !== index);
  const step = steps[index];
  if (step?.op !== 'answerWorkflowTask') return [without];
  const fewer = step.commands.map((_, left) => {
    const commands = step.commands.filter((__, place) => place !== left);
    return steps.map((other, place) => (place === index ? { ...step, commands } : other));
  });
  return [without, ...fewer];
}

async function main(): Promise<void> {
  const temporal = options.theirs ? undefined : await startTemporal();
  const ostinato = options.ours ? undefined : await OstinatoServer.start({ dynamicConfig: DYNAMIC_CONFIG });
  const theirs = await connect(options.theirs ?? temporal?.address ?? '');
  const ours = await connect(options.ours ?? ostinato?.address ?? '');
  const differences: Difference[] = [];
  try {
    let next = 0;
    const work = async () => {
      while (next < count) {
        const seed = firstSeed + next;
        next += 1;
        const found = await compare(ours, theirs, randomProgram(new Random(seed), seed));
        if (found) differences.push(found);
      }
    };
    await Promise.all(Array.from({ length: Number(options.parallel) }, work));
    await reportDifferences(ours, theirs, differences);
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
    await ostinato?.stop();
    await temporal?.stop();
  }
  process.exitCode = differences.length > 0 ? 1 : 0;
}

async function reportDifferences(ours: Connection, theirs: Connection, all: readonly Difference[]): Promise<void> {
  process.stdout.write(`${count} programs from seed ${firstSeed}: ${all.length} differ\n`);
  const kinds = new Map<string, Difference[]>();
  for (const difference of all) {
    for (const kind of new Set(difference.found.map(kindOf))) {
      kinds.set(kind, [...(kinds.get(kind) ?? []), difference]);
    }
  }
  const sorted = [...kinds].sort(([, a], [, b]) => b.length - a.length);
  let shrunk = 0;
  for (const [kind, examples] of sorted) {
    const [example] = examples;
    if (!example) continue;
    process.stdout.write(`\n${examples.length} x ${kind}\n    first with seed ${example.program.seed}\n`);
    if (shrunk >= Number(options.shrink)) continue;
    shrunk += 1;
    const small = await shrink(ours, theirs, example, kind);
    for (const step of small.program.steps) process.stdout.write(`    ${JSON.stringify(step)}\n`);
    if (options.keep) await keep(small);
  }
}

async function keep(difference: Difference): Promise<void> {
  await mkdir(regressions, { recursive: true });
  const file = join(regressions, `seed-${difference.program.seed}.json`);
  await writeFile(
    file,
    `${JSON.stringify({ program: difference.program, transcript: difference.theirs }, undefined, 1)}\n`,
  );
}

await main();
