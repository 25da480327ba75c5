// Drives a process with durable functions inside it over a socket: a line with an id each way. What one turn asks leaves in one
// write.

import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { type Driver, Failures } from '../load/driver.ts';
import type { LatencySink } from '../load/figures.ts';

interface Waiting {
  resolve(): void;
  reject(error: Error): void;
}

export class LineDriver implements Driver {
  readonly failures = new Failures();
  readonly #socket: Socket;
  readonly #waiting = new Map<string, Waiting>();

  static connect(port: number): Promise<LineDriver> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new LineDriver(socket)));
    });
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => this.#onLine(line));
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the connection was closed'));
      this.#waiting.clear();
    });
  }

  async operate(intendedAtMs: number, figures: LatencySink): Promise<void> {
    const id = randomUUID();
    await new Promise<void>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      if (this.#socket.writableCorked === 0) {
        this.#socket.cork();
        setImmediate(() => this.#socket.uncork());
      }
      this.#socket.write(`${id}\n`);
    });
    figures.record('endToEnd', performance.now() - intendedAtMs);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** `id`, or `id reason` of one that failed. */
  #onLine(line: string): void {
    const [id = '', ...reason] = line.split(' ');
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (reason.length > 0) waiting?.reject(new Error(reason.join(' ')));
    else waiting?.resolve();
  }
}
