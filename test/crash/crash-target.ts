// The server that is killed: Ostinato, or for checking the suite itself the command in OSTINATO_CRASH_COMMAND, which is called
// with the gRPC port and a data folder and must keep its data there.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { OstinatoServer, waitForFrontend } from '../end-to-end/harness/server.ts';

const INJECTION = new URL('./fault-injection.ts', import.meta.url).href;

export interface CrashTargetOptions {
  readonly port: number;
  readonly httpPort: number;
  readonly databaseUrl: string | undefined;
  readonly dataFile: string | undefined;
  readonly folder: string;
}

export class CrashTarget {
  readonly #options: CrashTargetOptions;
  #server: OstinatoServer | undefined;
  #command: ChildProcess | undefined;

  constructor(options: CrashTargetOptions) {
    this.#options = options;
  }

  get address(): string {
    return `127.0.0.1:${this.#options.port}`;
  }

  /** `fault`: see fault-injection.ts; the server then ends, or suffers, by itself. */
  async start(fault?: string): Promise<void> {
    const command = process.env.OSTINATO_CRASH_COMMAND;
    if (command) {
      this.#command = spawn(command, [String(this.#options.port), this.#options.folder], { stdio: 'ignore' });
      await waitForFrontend(this.address, Date.now() + 60_000);
      return;
    }
    const { port, httpPort, databaseUrl, dataFile } = this.#options;
    const environment =
      fault === undefined ? undefined : { OSTINATO_FAULT: fault, NODE_OPTIONS: `--import ${INJECTION}` };
    this.#server = await OstinatoServer.start({ port, httpPort, databaseUrl, dataFile, environment });
  }

  /** Until the server has died of its fault. Throws when it does not. */
  async died(deadlineMs: number): Promise<void> {
    const server = this.#server;
    if (server === undefined) throw new Error('not started');
    if (server.process.exitCode === null && server.process.signalCode === null) {
      await once(server.process, 'exit', { signal: AbortSignal.timeout(deadlineMs) });
    }
    await this.kill();
  }

  /** Until the server has printed what matches. Throws when it does not. */
  async hasPrinted(pattern: RegExp, deadlineMs: number): Promise<void> {
    if (this.#server === undefined) throw new Error('not started');
    await this.#server.hasPrinted(pattern, deadlineMs);
  }

  async kill(): Promise<void> {
    await this.#server?.kill();
    this.#server = undefined;
    if (this.#command) {
      const exited = once(this.#command, 'exit');
      this.#command.kill('SIGKILL');
      await exited;
      this.#command = undefined;
    }
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    this.#server = undefined;
    await this.kill();
  }
}
