// `npm run differential -- --programs 500 --seed N`: plays random programs on a real Temporal Server and on Ostinato, and reports
// the differences by kind, the first --shrink of them shrunk to the fewest steps. --ours ADDR and --theirs ADDR name servers that
// run already; --seeds 5,8,13 plays the programs of these seeds alone; --keep writes each shrunk program with Temporal's answers to
// cases/; --ignore PATTERN leaves kinds of differences out, to see what stands behind them; --coverage prints what the programs met;
// --program FILE plays the program of a case (any number of them; with --keep it becomes one, differing or not), --calls each odd call
// in a program of its own, --meant names the differences that are meant, to see that they are what they are taken for. --activities: programs about activities
// without a workflow, for which --theirs names a Temporal 1.32.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Connection } from '@temporalio/client';
import { Random } from '../crash/random.ts';
import { prepareNamespace } from '../end-to-end/harness/environment.ts';
import { OstinatoServer } from '../end-to-end/harness/server.ts';
import { randomActivityProgram } from './activity-executions.ts';
import { ODD_CALLS } from './calls/index.ts';
import { CASES, type Case, kindOf, neutral, transcriptDifferences } from './compare.ts';
import { Coverage } from './coverage.ts';
import { unmet } from './engine.ts';
import type { ValueDifference } from './normalise.ts';
import { play, type TranscriptEntry } from './player/index.ts';
import { type Program, randomProgram, type Step } from './program.ts';
import { ACTIVITY_SETTINGS, SETTINGS } from './settings.ts';
import { startTemporal } from './temporal.ts';

const { values: options } = parseArgs({
  options: {
    programs: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    seeds: { type: 'string' },
    ours: { type: 'string' },
    theirs: { type: 'string' },
    parallel: { type: 'string', default: '16' },
    keep: { type: 'boolean', default: false },
    ignore: { type: 'string', multiple: true, default: [] },
    shrink: { type: 'string', default: '10' },
    coverage: { type: 'boolean', default: false },
    program: { type: 'string', multiple: true, default: [] },
    calls: { type: 'boolean', default: false },
    meant: { type: 'boolean', default: false },
    activities: { type: 'boolean', default: false },
  },
});

/** How long one difference is shrunk. */
const SHRINK_MS = 120_000;
/** A line after so many programs. */
const PROGRESS = 50;
/** Seeds of a kind of difference in a report. */
const SHOWN_SEEDS = 8;

interface Difference {
  readonly program: Program;
  /** All differences of the first entry that differs; what follows may only follow from them. */
  readonly found: readonly ValueDifference[];
  readonly theirs: readonly TranscriptEntry[];
}

const firstSeed = Number(options.seed);
const count = Number(options.programs);
/** Kinds that are known, to look behind them. */
const ignored = options.ignore.map((pattern) => new RegExp(pattern));
const coverage = new Coverage();
/** How often which meant difference was met. */
const meant = new Map<string, number>();
/** Where --program's programs come from. */
const files = new Map<Program, string>();
let played = 0;
/** Programs that could not be played to their end, and why. */
const broken: string[] = [];

async function connect(address: string): Promise<Connection> {
  const connection = await Connection.connect({ address, interceptors: [] });
  await prepareNamespace(connection);
  return connection;
}

/** Plays a program on both, each time with new ids. */
async function compare(ours: Connection, theirs: Connection, program: Program): Promise<Difference | undefined> {
  played += 1;
  const prefix = `differential-${process.pid}-${played}`;
  const transcripts = await Promise.all([play(ours, program, prefix), play(theirs, program, prefix, coverage)]);
  const [our, their] = transcripts.map((transcript) => neutral(transcript, prefix));
  if (!our || !their) return undefined;
  const file = files.get(program);
  if (options.keep && file) await keep({ program, found: [], theirs: their }, basename(file));
  const result = transcriptDifferences(program, our, their, (kind) => ignored.some((pattern) => pattern.test(kind)));
  for (const { title, entry, kind } of result.meant) {
    meant.set(title, (meant.get(title) ?? 0) + 1);
    if (options.meant) process.stdout.write(`seed ${program.seed}, step ${entry}: ${title}: ${kind}\n`);
  }
  return result.found.length === 0 ? undefined : { program, found: result.found, theirs: their };
}

/** Leaves out steps and commands as long as a difference of this kind remains: long stretches of them first. */
async function shrink(ours: Connection, theirs: Connection, found: Difference, kind: string): Promise<Difference> {
  const deadline = Date.now() + SHRINK_MS;
  let best = found;
  const isFound = async (steps: readonly Step[]) => {
    if (Date.now() > deadline) return false;
    const again = await compare(ours, theirs, { ...best.program, steps });
    if (!again?.found.some((difference) => kindOf(difference) === kind)) return false;
    best = again;
    return true;
  };
  for (let size = Math.ceil(best.program.steps.length / 2); size >= 2; size = Math.floor(size / 2)) {
    for (let from = best.program.steps.length - size; from >= 0; from -= size) {
      const left = best.program.steps.filter((_, place) => place < from || place >= from + size);
      await isFound(left);
    }
  }
  for (let index = best.program.steps.length - 1; index >= 0; index -= 1) {
    for (const steps of smaller(best.program.steps, index)) {
      if (await isFound(steps)) break;
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

async function programs(): Promise<readonly Program[]> {
  for (const file of options.program) files.set((JSON.parse(await readFile(file, 'utf8')) as Case).program, file);
  if (files.size > 0) return [...files.keys()];
  if (options.calls) {
    const start: Step = { op: 'start', slot: 0 };
    return Object.keys(ODD_CALLS).map((call, seed) => ({ seed, steps: [start, { op: 'call', slot: 0, call }] }));
  }
  const seeds = options.seeds?.split(',').map(Number) ?? Array.from({ length: count }, (_, index) => firstSeed + index);
  const make = options.activities ? randomActivityProgram : randomProgram;
  return seeds.map((seed) => make(new Random(seed), seed));
}

async function main(): Promise<void> {
  const temporal = options.theirs ? undefined : await startTemporal();
  const settings = options.activities ? ACTIVITY_SETTINGS : SETTINGS;
  const ostinato = options.ours ? undefined : await OstinatoServer.start({ dynamicConfig: settings });
  const theirs = await connect(options.theirs ?? temporal?.address ?? '');
  const ours = await connect(options.ours ?? ostinato?.address ?? '');
  const differences: Difference[] = [];
  try {
    const queue = [...(await programs())];
    const total = queue.length;
    const note = (found: Difference) => {
      differences.push(found);
      for (const kind of new Set(found.found.map(kindOf)))
        process.stderr.write(`seed ${found.program.seed}: ${kind}\n`);
    };
    const work = async () => {
      for (let program = queue.shift(); program; program = queue.shift()) {
        try {
          const found = await compare(ours, theirs, program);
          if (found) note(found);
        } catch (error) {
          // A call that is no part of the program was not answered in time.
          broken.push(`seed ${program.seed}: ${String(error)}`);
        }
        if (queue.length % PROGRESS === 0)
          process.stderr.write(`${queue.length} to go, ${differences.length} differ\n`);
      }
    };
    await Promise.all(Array.from({ length: Number(options.parallel) }, work));
    await reportDifferences(ours, theirs, differences, total);
  } finally {
    await Promise.all([ours.close(), theirs.close()]);
    await ostinato?.stop();
    await temporal?.stop();
  }
  if (options.coverage) {
    process.stdout.write(`\n${coverage.report()}`);
    for (const [name, items] of await unmet(coverage)) {
      process.stdout.write(
        `\n${items.length} ${name} of the engine not met\n${items.map((item) => `    ${item}\n`).join('')}`,
      );
    }
  }
  for (const program of broken) process.stdout.write(`not played to its end: ${program}\n`);
  process.exitCode = differences.length + broken.length > 0 ? 1 : 0;
}

async function reportDifferences(
  ours: Connection,
  theirs: Connection,
  all: readonly Difference[],
  total: number,
): Promise<void> {
  const isSeries = files.size === 0 && !options.calls && options.seeds === undefined;
  process.stdout.write(
    `${total} programs${isSeries ? ` from seed ${firstSeed}` : ''}: ${all.length} differ; met ${coverage.rpcs.size} RPCs, ` +
      `${coverage.commands.size} commands, ${coverage.events.size} kinds of events, ${coverage.errors.size} error messages\n`,
  );
  for (const [title, times] of meant) process.stdout.write(`meant, ${times} times: ${title}\n`);
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
    const seeds = examples.map(({ program }) => program.seed).slice(0, SHOWN_SEEDS);
    process.stdout.write(`\n${examples.length} x ${kind}\n    seeds ${seeds.join(' ')}\n`);
    if (shrunk >= Number(options.shrink)) continue;
    shrunk += 1;
    const small = await shrink(ours, theirs, example, kind);
    for (const step of small.program.steps) process.stdout.write(`    ${JSON.stringify(step)}\n`);
    if (options.keep) await keep(small);
  }
}

async function keep({ program, theirs }: Difference, name = `seed-${program.seed}.json`): Promise<void> {
  await mkdir(CASES, { recursive: true });
  const kept: Case = { program, transcript: theirs };
  await writeFile(join(CASES, name), `${JSON.stringify(kept, undefined, 1)}\n`);
}

await main();
