// The last moment of a connection, after everything was said: our side ends, and what the peer still sends is read and dropped,
// because bytes that nobody reads make the kernel reset the connection, and the peer would miss the GOAWAY. Main loop.

import type { Socket } from 'node:net';

/** How long the peer may still talk. */
const LINGER_MS = 1000;
/** What is read and dropped meanwhile: a full window of the kernel's. */
const MAX_LINGER_BYTES = 1024 * 1024;

export class Linger {
  readonly #socket: Socket;
  #droppedBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  begin(): void {
    const socket = this.#socket;
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MS);
    timer.unref();
    socket.once('close', () => clearTimeout(timer));
  }

  /** Something was read that nobody takes any more. */
  drop(bytes: number): void {
    this.#droppedBytes += bytes;
    if (this.#droppedBytes > MAX_LINGER_BYTES) this.#socket.destroy();
  }
}
