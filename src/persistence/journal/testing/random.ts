// The project's seeded randomness, with the choices that the random comparison makes.

import { Random as SeededRandom } from '../../../../test/crash/random.ts';

export class Random extends SeededRandom {
  below(limit: number): number {
    return this.between(0, limit - 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  some<T>(atMost: number, make: () => T): T[] {
    return Array.from({ length: this.below(atMost + 1) }, make);
  }
}
