// Cron expressions with the meaning of robfig/cron v3's standard parser, which Temporal uses: five fields, descriptors, `@every`,
// and an optional CRON_TZ= or TZ= prefix. Called through cron-backoff.ts; any thread.

import { parseGoDuration } from './go-duration.ts';
import { type LocalTime, type TimeZone, timeZoneNamed } from './time-zone.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** A date such as February 31 never comes; the search for it ends here. Source: robfig/cron v3, spec.go. */
const SEARCH_YEARS = 5;

export interface CronSchedule {
  /** The first fire time later than `afterMs`, a whole second; undefined when there is none within five years. */
  next(afterMs: number): number | undefined;
}

export class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError';
}

interface FieldRange {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MINUTES: FieldRange = { min: 0, max: 59 };
const HOURS: FieldRange = { min: 0, max: 23 };
const DAYS: FieldRange = { min: 1, max: 31 };
const MONTHS: FieldRange = {
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
};
const WEEKDAYS: FieldRange = { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] };

/** The values a field matches; `star` when it was written as one, which decides how the two day fields combine. */
interface Field {
  readonly values: ReadonlySet<number>;
  readonly star: boolean;
}

interface Fields {
  readonly minute: Field;
  readonly hour: Field;
  readonly day: Field;
  readonly month: Field;
  readonly weekday: Field;
}

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};
const EVERY = '@every ';

/** Throws CronSyntaxError. */
export function parseCronSchedule(spec: string): CronSchedule {
  const { zone, expression } = splitZone(spec);
  if (expression.startsWith(EVERY)) return everySchedule(expression.slice(EVERY.length));
  const fields = expression.startsWith('@') ? DESCRIPTORS[expression] : expression;
  if (fields === undefined) throw new CronSyntaxError(`unrecognized descriptor: ${expression}`);
  return fieldSchedule(parseFields(fields), zone);
}

function splitZone(spec: string): { zone: TimeZone; expression: string } {
  const [, prefix] = /^((?:CRON_)?TZ=)/.exec(spec) ?? [];
  const end = spec.indexOf(' ');
  if (prefix !== undefined && end < 0) throw new CronSyntaxError('no schedule after the time zone');
  const name = prefix === undefined ? '' : spec.slice(prefix.length, end);
  const zone = timeZoneNamed(name);
  if (zone === undefined) throw new CronSyntaxError(`provided bad location ${name}`);
  return { zone, expression: prefix === undefined ? spec : spec.slice(end).trim() };
}

function everySchedule(text: string): CronSchedule {
  const durationMs = parseGoDuration(text);
  if (durationMs === undefined) throw new CronSyntaxError(`failed to parse duration ${text}`);
  const delayMs = Math.max(SECOND_MS, wholeSeconds(durationMs));
  return { next: (afterMs) => wholeSeconds(afterMs) + delayMs };
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / SECOND_MS) * SECOND_MS;
}

function parseFields(text: string): Fields {
  const parts = text.split(/\s+/).filter((part) => part !== '');
  if (parts.length !== 5) throw new CronSyntaxError(`expected exactly 5 fields, found ${parts.length}`);
  const [minute, hour, day, month, weekday] = parts as [string, string, string, string, string];
  return {
    minute: parseField(minute, MINUTES),
    hour: parseField(hour, HOURS),
    day: parseField(day, DAYS),
    month: parseField(month, MONTHS),
    weekday: parseField(weekday, WEEKDAYS),
  };
}

function parseField(text: string, range: FieldRange): Field {
  const values = new Set<number>();
  let star = false;
  for (const item of text.split(',')) {
    if (item === '') continue;
    const { start, end, step, isStar } = parseItem(item, range);
    for (let value = start; value <= end; value += step) values.add(value);
    star ||= isStar;
  }
  return { values, star };
}

function parseItem(item: string, range: FieldRange) {
  const [span = '', stepText, ...moreSteps] = item.split('/');
  if (moreSteps.length > 0) throw new CronSyntaxError(`too many slashes: ${item}`);
  const [low = '', high, ...moreBounds] = span.split('-');
  const any = low === '*' || low === '?';
  if (!any && moreBounds.length > 0) throw new CronSyntaxError(`too many hyphens: ${item}`);
  const start = any ? range.min : parseValue(low, range);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  // `5/10` runs from 5 to the end of the field.
  const open = stepText !== undefined && high === undefined;
  const end = any || open ? range.max : high === undefined ? start : parseValue(high, range);
  if (start < range.min) throw new CronSyntaxError(`beginning of range (${start}) below minimum: ${item}`);
  if (end > range.max) throw new CronSyntaxError(`end of range (${end}) above maximum: ${item}`);
  if (start > end) throw new CronSyntaxError(`beginning of range (${start}) beyond end of range (${end}): ${item}`);
  if (step === 0) throw new CronSyntaxError(`step of range should be a positive number: ${item}`);
  return { start, end, step, isStar: any && step === 1 };
}

function parseValue(text: string, range: FieldRange): number {
  const named = range.names?.indexOf(text.toLowerCase()) ?? -1;
  return named >= 0 ? named + range.min : parseNumber(text);
}

function parseNumber(text: string): number {
  if (!/^\+?\d{1,18}$/.test(text)) throw new CronSyntaxError(`failed to parse int from ${text}`);
  return Number(text);
}

/**
 * Fires at every moment whose local time matches: an hour that the clocks skip does not fire, one that they repeat fires
 * twice.
 */
function fieldSchedule(fields: Fields, zone: TimeZone): CronSchedule {
  // Found out here, or the search would go through five years minute by minute.
  if (neverMatches(fields)) return { next: () => undefined };
  return {
    next(afterMs) {
      let ms = wholeSeconds(afterMs) + SECOND_MS;
      const lastYear = zone.local(ms).year + SEARCH_YEARS;
      for (;;) {
        const local = zone.local(ms);
        if (local.year > lastYear) return undefined;
        if (!fields.month.values.has(local.month)) ms = zone.startOfDay(local.year, local.month + 1, 1);
        else if (!dayMatches(fields, local)) ms = zone.startOfDay(local.year, local.month, local.day + 1);
        else if (!fields.hour.values.has(local.hour)) {
          ms += HOUR_MS - local.minute * MINUTE_MS - local.second * SECOND_MS;
        } else if (!fields.minute.values.has(local.minute) || local.second !== 0) {
          ms += MINUTE_MS - local.second * SECOND_MS;
        } else return ms;
      }
    },
  };
}

/** A field of commas only has no value. */
function neverMatches({ minute, hour, day, month, weekday }: Fields): boolean {
  const isEmpty = (field: Field) => field.values.size === 0;
  const noDay = day.star || weekday.star ? isEmpty(day) || isEmpty(weekday) : isEmpty(day) && isEmpty(weekday);
  return isEmpty(minute) || isEmpty(hour) || isEmpty(month) || noDay;
}

/** Two restricted day fields are alternatives ("the 1st, and Mondays"); with a star in one of them both must match. */
function dayMatches({ day, weekday }: Fields, local: LocalTime): boolean {
  const dayMatch = day.values.has(local.day);
  const weekdayMatch = weekday.values.has(local.weekday);
  return day.star || weekday.star ? dayMatch && weekdayMatch : dayMatch || weekdayMatch;
}
