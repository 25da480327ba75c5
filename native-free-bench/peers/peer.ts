// What every peer folder gives: a server of its kind, started the same way each time, on 127.0.0.1 and free ports.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Server } from '../measure/server-meter.ts';

export interface StartedPeer extends Server {
  stop(): Promise<void>;
}

/** Why a peer cannot run here: said plainly, and the rest goes on. */
export class PeerUnavailable extends Error {
  override readonly name = 'PeerUnavailable';
}

const READY_DEADLINE_MS = 60_000;
const STOP_DEADLINE_MS = 15_000;

export function temporaryFolder(name: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `ostinato-bench-${name}-`));
  const remove = (): void => rmSync(path, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    path,
    remove() {
      process.off('exit', remove);
      remove();
    },
  };
}

/** An interrupted run ends through `exit`, which takes started servers and their data with it. */
export function exitOnSignals(): void {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => process.exit(code));
  }
}

export interface SpawnedServer {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a server and waits until its port answers. Its output is kept for the error if it does not. */
export async function spawnServer(
  command: string,
  args: readonly string[],
  options: { readonly port: number; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string },
): Promise<SpawnedServer> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: options.env ?? process.env,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout!.on('data', keep);
  child.stderr!.on('data', keep);
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) process.stderr.write(`${command} ended with ${code ?? signal}:\n${output}\n`);
  });
  const deadline = performance.now() + READY_DEADLINE_MS;
  while (!(await answers(options.port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${command} ${args.join(' ')} did not start:\n${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    pid: child.pid!,
    async stop() {
      stopping = true;
      process.off('exit', killed);
      await stopChild(child);
    },
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
  await gone;
  clearTimeout(timer);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
