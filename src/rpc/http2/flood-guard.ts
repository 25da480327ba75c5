// Notices a peer that makes the server work without letting it serve: rapid resets, pings, settings, empty frames. A budget
// of points, about one microsecond of work each, fills again with time. A worker host that cancels thousands of polls at
// once stays within it. One per connection. Main loop.

/** 10,000 polls (the limit of streams) that are cancelled at once cost half of this. 0.1 s of one core. */
const BURST_POINTS = 100_000;
/** 2 % of a core for as long as it goes on. */
const REFILL_POINTS_PER_MS = 20;

/** What frames cost that bring a call no further. */
export const FloodCost = {
  RESET: 5,
  REFUSED: 10,
  PING: 5,
  SETTINGS: 20,
  PRIORITY: 2,
  UNKNOWN_FRAME: 2,
  EMPTY_FRAME: 2,
  TINY_DATA: 1,
  WINDOW_UPDATE: 0.5,
  LATE_FRAME: 2,
  HEADERS_TOO_LARGE: 200,
  REFUSED_BODY: 100,
  GZIP_BOMB: 5000,
} as const;

export class FloodGuard {
  #points = BURST_POINTS;
  #refilledMs: number;

  constructor(nowMs: number) {
    this.#refilledMs = nowMs;
  }

  /** Takes points. False when there are none left. */
  spend(points: number, nowMs: number): boolean {
    this.#points -= points;
    if (this.#points >= 0) return true;
    this.#points = Math.min(BURST_POINTS, this.#points + (nowMs - this.#refilledMs) * REFILL_POINTS_PER_MS);
    this.#refilledMs = nowMs;
    return this.#points >= 0;
  }
}
