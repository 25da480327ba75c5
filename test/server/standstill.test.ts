import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Standstill } from '../../native-free-bench/load/standstill.ts';

/** As the kernel's process table has it: T stands still. */
function stands(pid: number): boolean {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

async function until(condition: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + 5_000;
  while (!condition()) {
    assert.ok(performance.now() < deadlineMs, 'the condition did not come true in 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function withServers(run: (pids: readonly number[], servers: readonly ChildProcess[]) => Promise<void>) {
  const servers = [1, 2].map(() => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }));
  try {
    await run(
      servers.map(({ pid }) => pid!),
      servers,
    );
  } finally {
    for (const server of servers) {
      if (server.exitCode !== null || server.signalCode !== null) continue;
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
  }
}

const skip = process.platform === 'linux' ? false : 'looks into /proc';

test('one server runs at a time, and in the end all do', { skip }, () =>
  withServers(async ([one, other]) => {
    const standstill = new Standstill([one, other, undefined]);
    standstill.only(one);
    await until(() => !stands(one!) && stands(other!));
    standstill.only(other);
    await until(() => stands(one!) && !stands(other!));
    standstill.resume();
    await until(() => !stands(one!) && !stands(other!));
  }),
);

test('a server that has ended keeps nobody', { skip }, () =>
  withServers(async ([one, other], servers) => {
    const standstill = new Standstill([one, other]);
    servers[0]!.kill('SIGKILL');
    await once(servers[0]!, 'exit');
    standstill.only(other);
    standstill.only(undefined);
    await until(() => stands(other!));
    standstill.resume();
    await until(() => !stands(other!));
  }),
);
