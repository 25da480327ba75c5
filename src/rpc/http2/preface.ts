// The beginning of a connection (RFC 9113 section 3.4): the client's 24 bytes, or something else; and what we say to them. Main loop.

import type { RpcLimits } from '../limits.ts';
import { CONNECTION_WINDOW_BYTES, DEFAULT_WINDOW_BYTES } from './flow-control.ts';
import { CLIENT_PREFACE, FrameType } from './frame.ts';
import type { OutputBuffer } from './output-buffer.ts';
import { ownSettings } from './settings.ts';

export class PrefaceReader {
  #matched = 0;

  get done(): boolean {
    return this.#matched === CLIENT_PREFACE.length;
  }

  /** Returns how much of `chunk` belongs to the preface, or what came instead of one, from its first byte. */
  read(chunk: Buffer): number | Buffer {
    const before = this.#matched;
    let at = 0;
    while (at < chunk.length && this.#matched < CLIENT_PREFACE.length) {
      if (chunk[at] !== CLIENT_PREFACE[this.#matched])
        return Buffer.concat([CLIENT_PREFACE.subarray(0, before), chunk]);
      at++;
      this.#matched++;
    }
    return at;
  }
}

/** Our own: SETTINGS; then the connection's window is opened (RFC 9113 6.9.2). */
export function writeOwnPreface(buffer: OutputBuffer, limits: RpcLimits): void {
  buffer.writeBytes(ownSettings(limits));
  buffer.writeUint32Frame(FrameType.WINDOW_UPDATE, 0, CONNECTION_WINDOW_BYTES - DEFAULT_WINDOW_BYTES);
}
