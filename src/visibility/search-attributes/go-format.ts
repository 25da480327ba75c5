// Prints decoded JSON as Go's %v does: error messages carry rejected values in that form. Pure; any thread.

const EXPONENT_FROM = 6; // strconv: with the shortest digits, %g switches to an exponent at 10^6

export function formatGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return formatGoFloat(value);
  if (Array.isArray(value)) return `[${value.map(formatGoValue).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, entry]) => `${key}:${formatGoValue(entry)}`).join(' ')}]`;
  }
  return String(value);
}

/** Shortest digits; an exponent when it is below -4 or from 6 on. */
export function formatGoFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const [digits, exponentText] = value.toExponential().split('e') as [string, string];
  const exponent = Number(exponentText);
  if (value !== 0 && (exponent < -4 || exponent >= EXPONENT_FROM)) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  return Object.is(value, -0) ? '-0' : String(value);
}
