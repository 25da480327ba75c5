// Runs the command line as a user does, and watches what it prints and how it ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '../../src/main.js');
const READY_LIMIT_MS = 20_000;
const LOOK_INTERVAL_MS = 10;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

export class ServerProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #startMs = performance.now();
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...environment },
    });
    this.child.stdout!.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.child.stderr!.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.#closed = once(this.child, 'close');
  }

  /** Resolves when `text` was printed on either stream. */
  async printed(text: string | RegExp): Promise<string> {
    const deadlineMs = performance.now() + READY_LIMIT_MS;
    for (;;) {
      const all = this.stdout + this.stderr;
      if (typeof text === 'string' ? all.includes(text) : text.test(all)) return all;
      if (this.child.exitCode !== null) throw new Error(`ended before it printed ${text}:\n${all}`);
      if (performance.now() > deadlineMs) throw new Error(`did not print ${text}:\n${all}`);
      await setTimeout(LOOK_INTERVAL_MS);
    }
  }

  /** The address that was printed for the gRPC port. */
  async ready(): Promise<string> {
    const all = await this.printed('Ready in');
    return /gRPC:\s+(\S+)/.exec(all)![1]!;
  }

  async ended(): Promise<Ended> {
    await this.#closed;
    const { stdout, stderr } = this;
    return { code: this.child.exitCode, stdout, stderr, durationMs: performance.now() - this.#startMs };
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended & { readonly stopMs: number }> {
    const startMs = performance.now();
    if (this.child.exitCode === null) this.child.kill(signal);
    const ended = await this.ended();
    return { ...ended, stopMs: performance.now() - startMs };
  }
}
