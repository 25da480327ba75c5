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

/** For long work in pieces: others have their turn before the next. */
export function endOfTurn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.defer(resolve));
}
