// Where a thread's time goes, from the files that `--node-flag=--cpu-prof --node-flag=--cpu-prof-dir=DIR` leaves behind:
//
//   node native-free-bench/profile/summary.ts DIR [--operations N] [--lines 40]
//
// Per thread: self time by folder, by function, and inclusive time of functions; with --operations in microseconds each.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

interface Profile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

const NOT_WORK = new Set(['(idle)', '(program)', '(root)']);

const args = process.argv.slice(2);
const option = (name: string, otherwise: number): number => {
  const at = args.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(args[at + 1]);
};
const operations = option('operations', 0);
const lines = option('lines', 40);

for (const file of readdirSync(args[0]!).filter((name) => name.endsWith('.cpuprofile'))) {
  const profile = JSON.parse(readFileSync(join(args[0]!, file), 'utf8')) as Profile;
  summarise(file, profile);
}

function summarise(file: string, profile: Profile): void {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const selfUs = new Map<number, number>();
  profile.samples.forEach((id, index) => {
    selfUs.set(id, (selfUs.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  });
  const self = new Map<string, number>();
  const folders = new Map<string, number>();
  const inclusive = new Map<string, number>();
  let workUs = 0;
  const visit = (id: number, above: ReadonlySet<string>): number => {
    const node = nodes.get(id)!;
    const name = nameOf(node);
    const mine = NOT_WORK.has(node.callFrame.functionName) ? 0 : (selfUs.get(id) ?? 0);
    workUs += mine;
    add(self, name, mine);
    add(folders, folderOf(node), mine);
    const here = new Set(above).add(name);
    let total = mine;
    for (const child of node.children ?? []) total += visit(child, here);
    if (!above.has(name)) add(inclusive, name, total);
    return total;
  };
  visit(profile.nodes[0]!.id, new Set());
  console.log(`\n==== ${file}: ${(workUs / 1000).toFixed(0)} ms of work${each(workUs)}`);
  print('by folder', folders, 14, workUs);
  print('self', self, lines, workUs);
  print('inclusive', inclusive, lines, workUs);
}

function print(title: string, times: ReadonlyMap<string, number>, count: number, workUs: number): void {
  console.log(`-- ${title}`);
  const sorted = [...times].sort(([, a], [, b]) => b - a).slice(0, count);
  for (const [name, us] of sorted) {
    console.log(`${((us / workUs) * 100).toFixed(1).padStart(6)} %${each(us).padStart(12)}  ${name}`);
  }
}

function each(us: number): string {
  return operations === 0 ? '' : ` ${(us / operations).toFixed(1)} us`;
}

function add(times: Map<string, number>, name: string, us: number): void {
  times.set(name, (times.get(name) ?? 0) + us);
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const place = url.replace(/^.*\/(src|node_modules)\//, '$1/').replace('file://', '');
  return `${functionName === '' ? '(anonymous)' : functionName} ${place}${place === '' ? '' : `:${lineNumber + 1}`}`;
}

function folderOf({ callFrame: { functionName, url } }: ProfileNode): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  const inSource = /\/src\/([^/]+)(\/[^/]+)?\//.exec(url);
  if (inSource !== null) return `src/${inSource[1]}${inSource[2] ?? ''}`;
  return /node_modules\/((@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? url;
}
