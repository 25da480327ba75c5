// RFC 3339 times as Go's time.RFC3339Nano reads and writes them, to the microsecond that visibility keeps. Pure; any thread.

/** A point in time with the text form that wrote it: offset and fraction are answered as they came. */
export interface Rfc3339Time {
  /** Microseconds since the epoch; finer digits are cut off, as Temporal's SQL stores do. */
  readonly micros: number;
  /** Nanoseconds within the second, 0 to 999,999,999. */
  readonly nanos: number;
  readonly offsetMinutes: number;
}

const PATTERN = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|([+-])(\d{2}):(\d{2}))$/;
const MICROS_PER_SECOND = 1_000_000;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Undefined for anything but a full date, time and zone. */
export function parseRfc3339(text: string): Rfc3339Time | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const offsetHours = Number(match[10] ?? 0);
  const offsetRest = Number(match[11] ?? 0);
  if (offsetHours > 24 || offsetRest > 60) return undefined;
  const offsetMinutes = (match[9] === '-' ? -1 : 1) * (offsetHours * 60 + offsetRest);
  const nanos = Number((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
  const seconds = epochSeconds(year, month, day, hour, minute, second) - offsetMinutes * 60;
  return { micros: seconds * MICROS_PER_SECOND + Math.floor(nanos / 1000), nanos, offsetMinutes: offsetMinutes + 0 };
}

function isDate(year: number, month: number, day: number): boolean {
  const longest = DAYS_IN_MONTH[month - 1];
  if (longest === undefined || day < 1 || day > longest) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month !== 2 || day < 29 || leap;
}

function epochSeconds(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day); // Date.UTC reads years below 100 as 19xx
  date.setUTCHours(hour, minute, second);
  return date.getTime() / 1000;
}

export function formatRfc3339(time: Rfc3339Time): string {
  const seconds = Math.floor(time.micros / MICROS_PER_SECOND);
  const local = new Date((seconds + time.offsetMinutes * 60) * 1000).toISOString().slice(0, -5);
  const fraction = time.nanos === 0 ? '' : `.${String(time.nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${local}${fraction}${formatOffset(time.offsetMinutes)}`;
}

function formatOffset(offsetMinutes: number): string {
  if (offsetMinutes === 0) return 'Z';
  const total = Math.abs(offsetMinutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(total / 60))}:${two(total % 60)}`;
}
