// Remembers which streams this side reset, for a while: frames that were under way then are legal and dropped, while frames on
// a stream that both sides closed are an error (RFC 9113 section 5.1, "closed"). One per connection. Main loop.

/** More resets than a peer can have frames under way for; beyond, the oldest are forgotten. */
const MAX_REMEMBERED = 1024;

export class ClosedStreams {
  #ids: Set<number> | undefined;

  add(streamId: number): void {
    this.#ids ??= new Set();
    this.#ids.add(streamId);
    if (this.#ids.size > MAX_REMEMBERED) this.#ids.delete(this.#ids.values().next().value!);
  }

  has(streamId: number): boolean {
    return this.#ids?.has(streamId) === true;
  }

  /** The peer ended its side too. */
  delete(streamId: number): void {
    this.#ids?.delete(streamId);
  }
}
