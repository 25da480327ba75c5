// The report for a terminal: a block per workload and load, a line per server, ratios against the first server.

import { FIGURES, type FigureName } from '../load/figures.ts';
import { median, type Result } from './result.ts';

export function table(results: readonly Result[]): string {
  return groups(results)
    .map((group) => block(group))
    .join('\n\n');
}

/** Results of one workload and load stand together. */
export function groups(results: readonly Result[]): Result[][] {
  const byLoad = new Map<string, Result[]>();
  for (const result of results) {
    const key = `${result.workload}, ${result.load}`;
    byLoad.set(key, [...(byLoad.get(key) ?? []), result]);
  }
  return [...byLoad.values()];
}

function block(group: readonly Result[]): string {
  const first = group[0]!;
  const lines = [`== ${first.workload}, ${first.load} (${first.rounds} rounds)`];
  const width = Math.max(...group.map(({ server }) => server.length));
  for (const result of group) lines.push(...server(result, width));
  if (group.length > 1) lines.push(...group.slice(1).map((other) => ratios(first, other)));
  return lines.join('\n');
}

function server(result: Result, width: number): string[] {
  const { perSecondOfRounds: rounds } = result;
  const indent = ' '.repeat(width + 2);
  const parts = [
    result.operations === 0
      ? ''
      : `${amount(result.perSecond)}/s (${amount(Math.min(...rounds))} to ${amount(Math.max(...rounds))})`,
    shown('CPU', result.cpuUsPerOperation, (us) => `${(us / 1000).toFixed(3)} ms`),
    shown('database', result.databaseCpuUsPerOperation, (us) => `${(us / 1000).toFixed(3)} ms`),
    shown('commits', result.databaseCommitsPerOperation, (count) => count.toFixed(2)),
    shown('store calls', result.storeCallsPerOperation, (count) => count.toFixed(2)),
    shown('stored', result.storedBytesPerOperation, (bytes) => `${(bytes / 1024).toFixed(1)} KiB`),
    shown('cores', result.cores, (cores) => cores.toFixed(3)),
    shown('RSS', result.rssBytes, (bytes) => `${(bytes / 1048576).toFixed(0)} MiB`),
    result.unfinished > 0 ? `UNFINISHED ${result.unfinished}` : '',
    result.errors > 0 ? `ERRORS ${result.errors}` : '',
  ];
  const lines = [`${result.server.padEnd(width)}  ${parts.filter((part) => part !== '').join('  ')}`];
  for (const name of Object.keys(result.latencies) as FigureName[]) {
    const { p50Ms, p90Ms, p99Ms, p999Ms, maxMs, count } = result.latencies[name]!;
    const values = `p50 ${ms(p50Ms)}  p90 ${ms(p90Ms)}  p99 ${ms(p99Ms)}  p99.9 ${ms(p999Ms)}  max ${ms(maxMs)} ms`;
    lines.push(`${indent}${FIGURES[name].padEnd(30)} ${values}  (${count})`);
  }
  const threads = Object.entries(result.cpuUsPerOperationByThread).slice(0, 8);
  if (threads.length > 1) {
    lines.push(`${indent}us per operation: ${threads.map(([name, us]) => `${name} ${us.toFixed(0)}`).join(', ')}`);
  }
  return lines;
}

/** Round by round, because rounds that stand next to each other had the same machine. */
function ratios(first: Result, other: Result): string {
  const perRound = first.perSecondOfRounds
    .map((value, index) => value / (other.perSecondOfRounds[index] ?? Number.NaN))
    // A round in which the other finished nothing has no ratio.
    .filter(Number.isFinite);
  const parts: string[] = [];
  if (perRound.length > 0) {
    parts.push(
      `throughput x${median(perRound).toFixed(2)} (${Math.min(...perRound).toFixed(2)} to ${Math.max(...perRound).toFixed(2)})`,
    );
  } else if (first.cores !== undefined && other.cores !== undefined) {
    parts.push(`cores /${(other.cores / first.cores).toFixed(2)}`);
    parts.push(`RSS /${((other.rssBytes ?? 0) / (first.rssBytes ?? 1)).toFixed(2)}`);
  }
  if (first.operations > 0 && first.cpuUsPerOperation !== undefined && other.cpuUsPerOperation !== undefined) {
    parts.push(`CPU /${(other.cpuUsPerOperation / first.cpuUsPerOperation).toFixed(2)}`);
  }
  for (const name of Object.keys(first.latencies) as FigureName[]) {
    const mine = first.latencies[name]!;
    const theirs = other.latencies[name];
    if (theirs === undefined) continue;
    const p50 = (theirs.p50Ms / mine.p50Ms).toFixed(2);
    const p99 = (theirs.p99Ms / mine.p99Ms).toFixed(2);
    parts.push(`${FIGURES[name]} p50 /${p50} p99 /${p99}`);
  }
  return `   ${first.server} against ${other.server}: ${parts.join(', ')}`;
}

function shown(name: string, value: number | undefined, text: (value: number) => string): string {
  return value === undefined || !Number.isFinite(value) ? '' : `${name} ${text(value)}`;
}

function amount(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function ms(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1).padStart(6);
}
