// Durations in filters: nanoseconds, Go's form with days ("1d2h", "-1.5h"), or hh:mm:ss. Temporal 1.31
// common/primitives/timestamp/parse_duration.go. Pure; any thread.

const UNIT_NANOS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 24 * 3600e9,
};
const NANOS_PER_SECOND = 1e9;
const GO_DURATION = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d))+)$/;
const GO_PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)/g;
const CLOCK = /^\s*([+-]?\d+):([+-]?\d+):([+-]?\d+)/;

/** Text of a duration to nanoseconds; throws an Error whose message says what is wrong with it. */
export function parseDurationNanos(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  if (text === '0' || text === '+0' || text === '-0') return 0;
  const go = GO_DURATION.exec(text);
  if (go !== null) {
    let nanos = 0;
    for (const [, amount, unit] of go[2]!.matchAll(GO_PART)) nanos += Number(amount) * UNIT_NANOS[unit!]!;
    return (go[1] === '-' ? -1 : 1) * Math.trunc(nanos);
  }
  const clock = CLOCK.exec(text);
  if (clock === null) throw new Error('invalid duration');
  const [hours, minutes, seconds] = clock.slice(1).map(Number) as [number, number, number];
  if (hours < 0) throw new Error('invalid duration: hours must be a positive number');
  if (minutes < 0 || minutes > 59) throw new Error('invalid duration: minutes must be from 0 to 59');
  if (seconds < 0 || seconds > 59) throw new Error('invalid duration: seconds must be from 0 to 59');
  return (hours * 3600 + minutes * 60 + seconds) * NANOS_PER_SECOND;
}
