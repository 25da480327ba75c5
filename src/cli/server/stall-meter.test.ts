import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { noMetrics } from '../../metrics/metrics.ts';
import { VirtualClock } from '../../runtime/virtual-clock.ts';
import { StallMeter } from './stall-meter.ts';

const STALL_MS = 300;

function stall(): void {
  const untilMs = performance.now() + STALL_MS;
  while (performance.now() < untilMs);
}

function startMeter() {
  const values: number[] = [];
  const clock = new VirtualClock();
  const gauge = { set: (value: number) => void values.push(value) };
  const meter = new StallMeter({ ...noMetrics, gauge: () => gauge }, clock);
  meter.sample();
  return { meter, clock, values };
}

test('the longest stall since the last scrape is told, once', async () => {
  const { meter, values } = startMeter();
  await delay(30); // its timer begins
  stall();
  await delay(30);
  meter.sample();
  await delay(30);
  meter.sample();
  meter.stop();
  assert.ok(values[0]! >= 0.8 * (STALL_MS / 1000), String(values[0]));
  assert.ok(values[1]! < 0.5 * values[0]!, String(values[1]));
});

test('a loop that does nothing is not woken to be watched, one that does something is again', async () => {
  const { meter, clock, values } = startMeter();
  await delay(30);
  await clock.advance(60_000); // busy for next to nothing of it
  stall();
  await delay(30);
  meter.sample();
  assert.ok(values[0]! < 0.5 * (STALL_MS / 1000), String(values[0]));
  stall();
  stall();
  await clock.advance(1_000); // busy for much of it
  await delay(30);
  stall();
  await delay(30);
  meter.sample();
  assert.ok(values[1]! >= 0.8 * (STALL_MS / 1000), String(values[1]));
  meter.stop();
  assert.equal(clock.pendingTimers, 0);
});
