// What goes wrong in one run of the simulation, and how often. Everything is drawn from the run's seed; `calm` ends it.

import type { Random } from '../crash/random.ts';

export interface FaultRates {
  /** Per message: the request, or its answer, never arrives; the caller learns that the connection is gone. */
  readonly lostRequest: number;
  readonly lostResponse: number;
  /** Per message: it arrives a second time, later. */
  readonly doubled: number;
  /** Per message: it takes seconds instead of milliseconds. */
  readonly late: number;
  /** Per store operation. */
  readonly storeFailure: number;
  /** Per store operation: the process dies before, during or after it. */
  readonly storeCrash: number;
  /** Mean virtual time between two kills, pauses and take-overs of a process; 0 for none. */
  readonly killEveryMs: number;
  readonly pauseEveryMs: number;
  readonly takeOverEveryMs: number;
  /** Per task: the worker forgets it, fails it, or answers nonsense. */
  readonly workerMistake: number;
  /** Mean virtual time between two deaths of a worker, which loses its cache. */
  readonly workerRestartEveryMs: number;
}

const NONE: FaultRates = {
  lostRequest: 0,
  lostResponse: 0,
  doubled: 0,
  late: 0,
  storeFailure: 0,
  storeCrash: 0,
  killEveryMs: 0,
  pauseEveryMs: 0,
  takeOverEveryMs: 0,
  workerMistake: 0,
  workerRestartEveryMs: 0,
};

/** Each seed stresses something else: a fault that hides another is absent from some runs. */
const PROFILES: readonly (readonly [name: string, rates: FaultRates])[] = [
  ['nothing', NONE],
  ['workers', { ...NONE, workerMistake: 0.15, workerRestartEveryMs: 20_000 }],
  ['network', { ...NONE, lostRequest: 0.03, lostResponse: 0.05, doubled: 0.05, late: 0.05, workerMistake: 0.03 }],
  ['store', { ...NONE, storeFailure: 0.02, workerMistake: 0.03 }],
  ['crashes', { ...NONE, storeCrash: 0.004, killEveryMs: 8_000 }],
  ['take-overs', { ...NONE, takeOverEveryMs: 6_000, pauseEveryMs: 10_000 }],
  [
    'everything',
    {
      lostRequest: 0.02,
      lostResponse: 0.03,
      doubled: 0.03,
      late: 0.03,
      storeFailure: 0.008,
      storeCrash: 0.001,
      killEveryMs: 20_000,
      pauseEveryMs: 25_000,
      takeOverEveryMs: 20_000,
      workerMistake: 0.06,
      workerRestartEveryMs: 30_000,
    },
  ],
];

export class Faults {
  readonly random: Random;
  readonly profile: string;
  readonly #rates: FaultRates;
  #calm = false;

  constructor(seed: number, random: Random) {
    this.random = random;
    const [name, rates] = PROFILES[seed % PROFILES.length] as (typeof PROFILES)[number];
    this.profile = name;
    this.#rates = rates;
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    this.#calm = true;
  }

  get isCalm(): boolean {
    return this.#calm;
  }

  get rates(): FaultRates {
    return this.#calm ? NONE : this.#rates;
  }

  strikes(rate: keyof FaultRates): boolean {
    const probability = this.rates[rate];
    return probability > 0 && this.random.next() < probability;
  }
}

export const PROFILE_COUNT = PROFILES.length;
