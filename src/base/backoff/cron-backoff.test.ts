import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cronBackoffMs, validateCronSchedule } from './cron-backoff.ts';
import { parseCronSchedule } from './cron-schedule.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const backoff = (spec: string, scheduled: string, now = scheduled) =>
  cronBackoffMs(spec, Date.parse(scheduled), Date.parse(now));

const nextTimes = (spec: string, after: string, count = 1): string[] => {
  const schedule = parseCronSchedule(spec);
  const times: string[] = [];
  let ms: number | undefined = Date.parse(after);
  while (times.length < count && ms !== undefined) {
    ms = schedule.next(ms);
    times.push(ms === undefined ? 'never' : new Date(ms).toISOString().replace('.000Z', 'Z'));
  }
  return times;
};

// Expected values come from robfig/cron v3.0.1, run on the same input.
describe('cron schedule', () => {
  it('waits for the next whole match of the five fields', () => {
    assert.equal(backoff('0 10 * * *', '2018-12-17T08:00:00-08:00'), 18 * HOUR);
    assert.equal(backoff('0 * * * *', '2018-12-17T08:08:00Z'), 52 * MINUTE);
    assert.equal(backoff('* * * * *', '2018-12-17T08:08:18Z'), 42 * SECOND);
    assert.equal(backoff('0 3 * * 0-6', '2018-12-17T08:00:00-08:00'), 11 * HOUR);
  });

  it('skips the times that passed while the run lasted', () => {
    assert.equal(backoff('0 10 * * *', '2018-12-17T08:00:00Z', '2018-12-20T00:00:00Z'), 10 * HOUR);
    assert.equal(backoff('*/10 * * * *', '2018-12-17T00:04:00Z', '2018-12-17T01:02:00Z'), 8 * MINUTE);
    assert.equal(backoff('* * * * *', '2010-01-01T00:00:00Z', '2018-12-17T01:02:30Z'), 30 * SECOND);
  });

  it('starts now when a fire time is exactly now', () => {
    assert.equal(backoff('0 * * * *', '2018-12-17T00:30:00Z', '2018-12-17T05:00:00Z'), 0);
  });

  it('waits for a scheduled time that has not come', () => {
    assert.equal(backoff('@every 30m', '2020-07-17T09:00:00-01:00', '2020-07-17T08:45:00-01:00'), 15 * MINUTE);
  });

  it('counts @every from the scheduled time', () => {
    assert.equal(backoff('@every 5h', '2018-12-17T08:00:00Z', '2018-12-18T00:00:00Z'), 4 * HOUR);
    assert.equal(backoff('@every 30s', '2020-07-17T09:00:02-01:00', '2020-09-17T03:00:53-01:00'), 9 * SECOND);
    assert.equal(backoff('@every 200ms', '2020-07-17T09:00:02Z'), SECOND);
    assert.equal(backoff('@every 1.5h', '2020-07-17T09:00:00Z'), 90 * MINUTE);
  });

  it('rounds the wait up to whole seconds', () => {
    assert.equal(backoff('* * * * *', '2018-12-17T08:08:18.250Z'), 42 * SECOND);
  });

  it('knows the descriptors', () => {
    const after = '2024-02-28T10:20:30Z';
    assert.deepEqual(nextTimes('@hourly', after), ['2024-02-28T11:00:00Z']);
    assert.deepEqual(nextTimes('@daily', after), ['2024-02-29T00:00:00Z']);
    assert.deepEqual(nextTimes('@midnight', after), ['2024-02-29T00:00:00Z']);
    assert.deepEqual(nextTimes('@weekly', after), ['2024-03-03T00:00:00Z']);
    assert.deepEqual(nextTimes('@monthly', after), ['2024-03-01T00:00:00Z']);
    assert.deepEqual(nextTimes('@yearly', after), ['2025-01-01T00:00:00Z']);
  });

  it('takes either day field when both are restricted, both when one is a star', () => {
    const after = '2024-02-28T00:00:00Z';
    assert.deepEqual(nextTimes('0 0 1 * mon', after, 3), [
      '2024-03-01T00:00:00Z',
      '2024-03-04T00:00:00Z',
      '2024-03-11T00:00:00Z',
    ]);
    assert.deepEqual(nextTimes('0 0 * * mon', after), ['2024-03-04T00:00:00Z']);
    // A stepped star restricts.
    assert.deepEqual(nextTimes('0 0 */31 * mon', after, 2), ['2024-03-01T00:00:00Z', '2024-03-04T00:00:00Z']);
  });

  it('follows the clocks of its time zone through both changes', () => {
    const york = 'CRON_TZ=America/New_York ';
    assert.deepEqual(nextTimes(`${york}5 16 * * *`, '2021-03-14T04:00:00Z'), ['2021-03-14T20:05:00Z']);
    // 02:30 does not exist on March 14.
    assert.deepEqual(nextTimes(`${york}30 2 * * *`, '2021-03-13T12:00:00Z'), ['2021-03-15T06:30:00Z']);
    // 01:30 comes twice on November 7.
    assert.deepEqual(nextTimes(`${york}30 1 * * *`, '2021-11-06T12:00:00Z', 2), [
      '2021-11-07T05:30:00Z',
      '2021-11-07T06:30:00Z',
    ]);
    // Midnight does not exist on November 4, 2018.
    assert.deepEqual(nextTimes('TZ=America/Sao_Paulo 0 0 * * *', '2018-11-03T12:00:00Z'), ['2018-11-05T02:00:00Z']);
    assert.deepEqual(nextTimes('TZ=Australia/Lord_Howe 0 9 * * *', '2018-10-06T12:00:00Z'), ['2018-10-06T22:00:00Z']);
  });

  it('finds leap days and gives up on days that never come', () => {
    assert.deepEqual(nextTimes('0 0 29 2 *', '2025-01-01T00:00:00Z'), ['2028-02-29T00:00:00Z']);
    assert.deepEqual(nextTimes('0 0 31 2 *', '2025-01-01T00:00:00Z'), ['never']);
  });

  it('has no wait without a schedule or with one that cannot be read', () => {
    assert.equal(backoff('', '2018-12-17T00:04:00Z'), undefined);
    assert.equal(backoff('invalid-cron-spec', '2018-12-17T00:04:00Z'), undefined);
    assert.equal(backoff('0 0 31 2 *', '2018-12-17T00:04:00Z'), undefined);
  });
});

describe('validateCronSchedule', () => {
  const message = (spec: string): string | undefined => {
    try {
      validateCronSchedule(spec, Date.parse('2024-01-01T00:00:00Z'));
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('accepts what robfig/cron accepts', () => {
    for (const spec of [
      '',
      '* * * * *',
      '?/5 1-5 1,15 JAN-dec Mon',
      '5/15 * * * *',
      '1,,2 * * * *',
      '@every 0',
      'TZ= 0 0 * * *',
    ]) {
      assert.equal(message(spec), undefined, spec);
    }
  });

  it('refuses what robfig/cron refuses', () => {
    const bad = ['bad', '* * * *', '* * * * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 7'];
    bad.push(
      '*/0 * * * *',
      '1-2-3 * * * *',
      '1/2/3 * * * *',
      '5-1 * * * *',
      '-1 * * * *',
      '@never',
      '@every',
      '@every x',
    );
    bad.push('CRON_TZ=Nowhere/City 0 0 * * *', 'CRON_TZ=UTC', 'CRON_TZ=+02:00 0 0 * * *', '@Daily');
    for (const spec of bad) assert.equal(message(spec), 'invalid CronSchedule.', spec);
  });

  it('refuses a schedule that never fires', () => {
    assert.equal(message('0 0 31 2 *'), 'invalid CronSchedule, no time can be found to satisfy the schedule');
    assert.equal(message(', * * * *'), 'invalid CronSchedule, no time can be found to satisfy the schedule');
  });
});
