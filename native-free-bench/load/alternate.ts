// Rounds that alternate between lanes, because machines are noisy and only what was measured side by side compares. A lane is a
// server under one load, or one server under two loads that differ in what is asked about.

import type { ServerMeter } from '../measure/server-meter.ts';
import { type Result, summarise } from '../report/result.ts';
import type { Driver, Failures } from './driver.ts';
import { type LoopOptions, type Round, runLoop } from './loops.ts';
import { Standstill } from './standstill.ts';

export interface Lane {
  readonly name: string;
  readonly driver: Driver;
  readonly meter: ServerMeter;
  /** Of the server's process, if it is to stand still while others are measured. */
  readonly pid?: number | undefined;
}

export interface Alternation {
  readonly workload: string;
  readonly load: string;
  readonly rounds: number;
  readonly loop: LoopOptions;
}

/** Measures and ends the lanes' drivers. */
export async function alternate(lanes: readonly Lane[], options: Alternation): Promise<readonly Result[]> {
  const { workload, load, loop } = options;
  const rounds = new Map<Lane, Round[]>(lanes.map((lane) => [lane, []]));
  const standstill = new Standstill(lanes.map(({ pid }) => pid));
  try {
    for (let round = 0; round < options.rounds; round++) {
      // The first round also warms code and caches.
      const warmUpMs = loop.warmUpMs * (round === 0 ? 2 : 1);
      for (const lane of lanes) {
        standstill.only(lane.pid);
        rounds.get(lane)!.push(await runLoop(lane.driver, lane.meter, { ...loop, warmUpMs }));
      }
    }
  } finally {
    standstill.resume();
  }
  return lanes.map((lane) => {
    lane.driver.close();
    printFailures(lane.name, lane.driver.failures);
    return summarise({ server: lane.name, workload, load, errors: lane.driver.failures.count }, rounds.get(lane)!);
  });
}

export function printFailures(name: string, failures: Failures): void {
  for (const message of failures.messages) process.stdout.write(`${name}: ${message}\n`);
}
