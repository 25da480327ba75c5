// How long a run of a cron workflow waits for its schedule. Called at start and at close of a run; history threads.

import { invalidArgument } from '../../proto/service-errors.ts';
import { type CronSchedule, CronSyntaxError, parseCronSchedule } from './cron-schedule.ts';

const SECOND_MS = 1000;
/**
 * A schedule's fire times do not depend on earlier ones, so a run that lasted weeks need not be counted through minute by
 * minute: from this far back the steps arrive at the same next time. `@every` does depend, and is stepped by division.
 */
const REPLAY_WINDOW_MS = 48 * 3_600_000;

/** Throws INVALID_ARGUMENT for a schedule that cannot be read or never fires; the empty one is no schedule, and valid. */
export function validateCronSchedule(spec: string, nowMs: number): void {
  if (spec === '') return;
  const schedule = parse(spec);
  if (schedule === undefined) throw invalidArgument('invalid CronSchedule.');
  if (schedule.next(nowMs) === undefined) {
    throw invalidArgument('invalid CronSchedule, no time can be found to satisfy the schedule');
  }
}

/**
 * Milliseconds, in whole seconds rounded up, from `nowMs` to the first fire time that is neither before now nor before the
 * one after `scheduledMs` (the run's execution time). Undefined when nothing is scheduled.
 */
export function cronBackoffMs(spec: string, scheduledMs: number, nowMs: number): number | undefined {
  if (spec === '') return undefined;
  const schedule = parse(spec);
  if (schedule === undefined) return undefined;
  const next = nowMs < scheduledMs ? scheduledMs : nextAtOrAfter(schedule, spec, scheduledMs, nowMs);
  return next === undefined ? undefined : Math.ceil((next - nowMs) / SECOND_MS) * SECOND_MS;
}

function nextAtOrAfter(schedule: CronSchedule, spec: string, scheduledMs: number, nowMs: number): number | undefined {
  let next = schedule.next(spec.includes('@every') ? scheduledMs : Math.max(scheduledMs, nowMs - REPLAY_WINDOW_MS));
  if (spec.includes('@every') && next !== undefined) {
    const delayMs = schedule.next(next)! - next;
    return next + Math.max(0, Math.ceil((nowMs - next) / delayMs)) * delayMs;
  }
  while (next !== undefined && next < nowMs) next = schedule.next(next);
  return next;
}

function parse(spec: string): CronSchedule | undefined {
  try {
    return parseCronSchedule(spec);
  } catch (error) {
    if (error instanceof CronSyntaxError) return undefined;
    throw error;
  }
}
