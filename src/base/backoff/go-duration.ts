// Durations as Go writes them (`1h30m`, `1.5s`): the form that `@every` takes. Any thread.

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5
  μs: 1e-3, // U+03BC
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
/** Go keeps a duration in 64 bits of nanoseconds. */
const MAX_DURATION_MS = 2 ** 63 / 1e6;

/** Milliseconds, or undefined when the text is no duration. */
export function parseGoDuration(text: string): number | undefined {
  const unsigned = text.replace(/^[+-]/, '');
  if (unsigned === '0') return 0;
  const parts = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
  if (!parts.test(unsigned)) return undefined;
  let ms = 0;
  for (const [, count, unit] of unsigned.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    ms += Number(count) * UNIT_MS[unit!]!;
  }
  if (ms >= MAX_DURATION_MS) return undefined;
  return text.startsWith('-') ? -ms : ms;
}
