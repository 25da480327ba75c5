// The two ways to offer load. Closed: N operations in flight, the next begins when one ends. Open: operations begin at a rate,
// whatever has become of the earlier ones, and their latency counts from when they were due: a stall cannot hide.

import type { Reading, ServerMeter } from '../measure/server-meter.ts';
import type { Driver } from './driver.ts';
import { Figures, UNMEASURED } from './figures.ts';

/** What is under way when a round is over is given up after this. */
const DEFAULT_DRAIN_MS = 10_000;
/** Operations under way in an open loop; beyond, the server is so far behind that more tell nothing. */
const MAX_UNDER_WAY = 20_000;
/** Before a lane of a closed loop goes on. */
const AFTER_FAILURE_PAUSE_MS = 20;
/**
 * Between a reading of what the server costs and the latencies: it stops this process for tens of milliseconds and asks server and database
 * for their figures, which counted for what was due meanwhile.
 */
const CALM_MS = 250;
/** Between two operations of an open loop below this, they leave in step with a timer's millisecond. */
const PRECISE_INTERVAL_MS = 5;

export interface LoopOptions {
  readonly inFlight: number;
  /** Operations a second; undefined is a closed loop. */
  readonly rate: number | undefined;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** How long what is under way may take when the time is over. */
  readonly drainMs?: number;
}

export interface Round {
  readonly seconds: number;
  readonly operations: number;
  readonly figures: Figures;
  readonly before: Reading;
  readonly after: Reading;
  /** Open loop: operations that were due but not finished at the end, their age is in the figures. */
  readonly unfinished: number;
}

class Loop {
  readonly figures = new Figures();
  /** Between the readings: operations that end count, those that cost what the readings tell. */
  counting = false;
  /** Shorter: latencies of operations that begin count. */
  measuring = false;
  operations = 0;
  ending = false;
  readonly #driver: Driver;
  /** When those that are not finished were due. */
  readonly underWay = new Map<symbol, number>();
  readonly leftOut: number[] = [];

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  async operate(intendedAtMs: number): Promise<void> {
    const figures = this.measuring ? this.figures : UNMEASURED;
    const token = Symbol();
    this.underWay.set(token, intendedAtMs);
    try {
      await this.#driver.operate(intendedAtMs, figures);
      if (this.counting) this.operations++;
    } catch (error) {
      this.#driver.failures.add('operation', error);
      await delay(AFTER_FAILURE_PAUSE_MS);
    } finally {
      this.underWay.delete(token);
    }
  }

  /** One that is due but not even begun: it counts as unfinished. */
  leaveOut(intendedAtMs: number): void {
    if (this.measuring) this.leftOut.push(intendedAtMs);
  }
}

export async function runLoop(driver: Driver, meter: ServerMeter, options: LoopOptions): Promise<Round> {
  const loop = new Loop(driver);
  const offered = options.rate === undefined ? offerClosed(loop, options.inFlight) : offerOpen(loop, options.rate);
  await delay(options.warmUpMs);
  const before = await meter.read();
  loop.counting = true;
  const beganMs = performance.now();
  await delay(CALM_MS);
  loop.measuring = true;
  await delay(options.measureMs);
  loop.measuring = false;
  await delay(CALM_MS);
  loop.counting = false;
  const seconds = (performance.now() - beganMs) / 1000;
  const operations = loop.operations;
  const after = await meter.read();
  loop.ending = true;
  const unfinished = await drain(loop, offered, options);
  return { seconds, operations, figures: loop.figures, before, after, unfinished };
}

async function offerClosed(loop: Loop, inFlight: number): Promise<void> {
  const one = async (): Promise<void> => {
    while (!loop.ending) await loop.operate(performance.now());
  };
  await Promise.all(Array.from({ length: inFlight }, one));
}

async function offerOpen(loop: Loop, rate: number): Promise<void> {
  const intervalMs = 1000 / rate;
  const beganMs = performance.now();
  for (let index = 0; !loop.ending; index++) {
    const dueAtMs = beganMs + index * intervalMs;
    await until(dueAtMs, intervalMs >= PRECISE_INTERVAL_MS);
    if (loop.underWay.size < MAX_UNDER_WAY) void loop.operate(dueAtMs);
    else loop.leaveOut(dueAtMs);
  }
}

async function until(atMs: number, precisely: boolean): Promise<void> {
  for (;;) {
    const leftMs = atMs - performance.now();
    if (leftMs <= 0) return;
    if (precisely && leftMs < 1.5) await new Promise((resolve) => setImmediate(resolve));
    else await delay(Math.max(1, Math.floor(leftMs - 1)));
  }
}

/** A closed loop finishes what it began. What an open one cannot finish counts with the age it has reached. */
async function drain(loop: Loop, offered: Promise<void>, options: LoopOptions): Promise<number> {
  const { rate, drainMs = DEFAULT_DRAIN_MS } = options;
  const deadline = performance.now() + drainMs;
  await Promise.race([offered, delay(drainMs)]);
  while (loop.underWay.size > 0 && performance.now() < deadline) await delay(10);
  if (rate !== undefined) {
    for (const intendedAtMs of [...loop.underWay.values(), ...loop.leftOut]) {
      loop.figures.record('endToEnd', performance.now() - intendedAtMs);
    }
  }
  return loop.underWay.size + loop.leftOut.length;
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
