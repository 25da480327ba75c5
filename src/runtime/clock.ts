// Time as an argument. Components take a Clock so that the whole server also runs under virtual time (test/simulation).

export interface TimerHandle {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since the epoch, with microseconds where the platform has them. */
  nowMs(): number;
  /** Calls once, not before `delayMs` from now. */
  after(delayMs: number, callback: () => void): TimerHandle;
  /** Calls at the end of this turn of the loop: work that many messages of one turn share. */
  defer(callback: () => void): void;
}
