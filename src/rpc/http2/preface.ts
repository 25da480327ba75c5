// The beginning of a connection (RFC 9113 section 3.4): the client's 24 bytes, or something else. Main loop.

import { CLIENT_PREFACE } from './frame.ts';

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
