// What a process costs the machine, from /proc (Linux): CPU of every thread, resident memory, bytes of the data files it holds
// open. Elsewhere, and for a process of another machine, there is nothing to see and all figures are undefined.

import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

export interface ProcessUsage {
  /** CPU by thread, in microseconds since its start. Threads of one name are added up. */
  readonly cpuUsByThread: ReadonlyMap<string, number>;
  readonly rssBytes: number;
  /** Of all regular files that the process has open for its data. */
  readonly dataBytes: number;
}

const DATA_FILE = /\.(db|sqlite|sst|log)\b|-wal$|-journal$/;

export function readUsage(pid: number): ProcessUsage | undefined {
  try {
    const cpuUsByThread = new Map<string, number>();
    for (const task of readdirSync(`/proc/${pid}/task`)) {
      const [name, cpuUs] = threadUsage(`/proc/${pid}/task/${task}`);
      cpuUsByThread.set(name, (cpuUsByThread.get(name) ?? 0) + cpuUs);
    }
    return { cpuUsByThread, rssBytes: residentBytes(pid), dataBytes: openDataBytes(pid) };
  } catch {
    return undefined;
  }
}

/** Linux counts what a process's ended children used in these. */
const TICK_US = 10_000;

/** CPU of a process and of all its descendants, the ended ones too, in microseconds: a database server is many processes. */
export function readTreeCpuUs(root: number): number {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = parentOf(Number(entry));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  let total = 0;
  const open = [root];
  for (let pid = open.pop(); pid !== undefined; pid = open.pop()) {
    for (const cpuUs of readUsage(pid)?.cpuUsByThread.values() ?? []) total += cpuUs;
    total += endedChildrenUs(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return total;
}

export function parentOf(pid: number): number | undefined {
  const parent = statFields(pid)?.[1];
  return parent === undefined ? undefined : Number(parent);
}

/** cutime and cstime, fields 16 and 17 of proc_pid_stat(5). */
function endedChildrenUs(pid: number): number {
  const fields = statFields(pid);
  return fields === undefined ? 0 : (Number(fields[13]) + Number(fields[14])) * TICK_US;
}

/** From the third on, the process's state: the second, its name, may hold anything. */
function statFields(pid: number): readonly string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** schedstat counts nanoseconds, where stat's ticks are 10 ms. */
function threadUsage(folder: string): [string, number] {
  const name = readFileSync(`${folder}/comm`, 'latin1').trim();
  const [onCpuNs] = readFileSync(`${folder}/schedstat`, 'latin1').split(' ');
  return [name, Number(onCpuNs) / 1000];
}

function residentBytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1] ?? 0) * 1024;
}

function openDataBytes(pid: number): number {
  const files = new Set<string>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const path = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      if (path.startsWith('/') && DATA_FILE.test(path)) files.add(path);
    } catch {
      // closed in between
    }
  }
  let bytes = 0;
  for (const path of files) {
    try {
      bytes += statSync(path).size; // blocks would count what is set aside
    } catch {
      // deleted
    }
  }
  return bytes;
}
