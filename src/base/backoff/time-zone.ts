// Offsets of IANA time zones, for cron schedules with CRON_TZ. Owned by whoever holds the zone; any thread.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Transitions of modern zones fall on quarter hours, so one offset holds for a whole bucket. Source: IANA tzdata. */
const OFFSET_BUCKET_MS = 15 * 60_000;

/** A moment as the clocks of a zone show it. */
export interface LocalTime {
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

export interface TimeZone {
  local(ms: number): LocalTime;
  /** The first moment at which this zone's date is the given one; months and days past their end carry over. */
  startOfDay(year: number, month: number, day: number): number;
}

/** Undefined when no such zone is known. The empty name and `Local` are UTC: a server's own zone must not change a schedule. */
export function timeZoneNamed(name: string): TimeZone | undefined {
  if (name === '' || name === 'UTC' || name === 'Local') return zoneWithOffsets(() => 0);
  if (/^[+-]/.test(name)) return undefined; // Intl takes bare offsets, tzdata has none
  try {
    return zoneWithOffsets(offsetsOf(name));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function zoneWithOffsets(offsetAt: (ms: number) => number): TimeZone {
  return {
    local(ms) {
      const date = new Date(ms + offsetAt(ms));
      return {
        year: date.getUTCFullYear(),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
        weekday: date.getUTCDay(),
        hour: date.getUTCHours(),
        minute: date.getUTCMinutes(),
        second: date.getUTCSeconds(),
      };
    },
    startOfDay(year, month, day) {
      const midnight = Date.UTC(year, month - 1, day);
      const offsetBefore = offsetAt(midnight - DAY_MS);
      const offsetAfter = offsetAt(midnight + DAY_MS);
      const before = midnight - offsetBefore;
      if (offsetBefore === offsetAfter || offsetAt(before) === offsetBefore) return before;
      const after = midnight - offsetAfter;
      if (offsetAt(after) === offsetAfter) return after;
      return transitionBetween(after, before, offsetAt); // clocks jump over this midnight
    },
  };
}

function transitionBetween(low: number, high: number, offsetAt: (ms: number) => number): number {
  const offsetLow = offsetAt(low);
  while (high - low > 1000) {
    const middle = low + Math.floor((high - low) / 2000) * 1000;
    if (offsetAt(middle) === offsetLow) low = middle;
    else high = middle;
  }
  return high;
}

function offsetsOf(name: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  let knownBucket = Number.NaN;
  let knownOffset = 0;
  return (ms) => {
    const bucket = Math.floor(ms / OFFSET_BUCKET_MS);
    if (bucket === knownBucket) return knownOffset;
    const wholeSecondMs = bucket * OFFSET_BUCKET_MS;
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(wholeSecondMs)) part[type] = Number(value);
    const shown = Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!, part.second!);
    knownBucket = bucket;
    knownOffset = shown - wholeSecondMs;
    return knownOffset;
  };
}
