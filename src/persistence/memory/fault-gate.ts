// The gate every operation of a memory store passes: it answers at once or by promise, waits, fails and crashes as a test or
// the simulator asks. A crash is the process's: all stores behind one gate refuse from then on, what had not taken effect is lost.

import type { MaybePromise } from '../../base/maybe-promise.ts';
import { StoreUnavailableError } from '../store-errors.ts';

/**
 * fail-before: nothing is written, the caller gets StoreUnavailableError.
 * fail-after: written, and the caller gets StoreUnavailableError all the same (a lost answer).
 * crash-before, crash-after: the same, and the process is dead from then on.
 */
export type StoreFault = 'fail-before' | 'fail-after' | 'crash-before' | 'crash-after';

export interface MemoryStoreOptions {
  /** sync: like sqlite. promise: like a database behind a network. `delay` implies promise. */
  readonly answer?: 'sync' | 'promise' | undefined;
  /** Asked before each operation. `operation` is the method's name, such as 'commit'. */
  readonly fault?: ((operation: string) => StoreFault | undefined) | undefined;
  /** Awaited before an operation takes effect and again before it answers. */
  readonly delay?: ((operation: string, stage: 'before' | 'after') => Promise<void> | undefined) | undefined;
}

export class FaultGate {
  private readonly options: MemoryStoreOptions;
  private crashed = false;

  constructor(options: MemoryStoreOptions) {
    this.options = options;
  }

  get isCrashed(): boolean {
    return this.crashed;
  }

  crash(): void {
    this.crashed = true;
  }

  /** `effect` runs in one go: nothing is ever half done. */
  perform<T>(operation: string, effect: () => T): MaybePromise<T> {
    const { answer, fault, delay } = this.options;
    const planned = fault?.(operation);
    if (answer !== 'promise' && delay === undefined) return this.takeEffect(operation, planned, effect);
    return this.performLater(operation, planned, effect);
  }

  private async performLater<T>(operation: string, planned: StoreFault | undefined, effect: () => T): Promise<T> {
    await this.options.delay?.(operation, 'before');
    const result = this.takeEffect(operation, planned, effect);
    await this.options.delay?.(operation, 'after');
    this.refuseIfCrashed(operation);
    return result;
  }

  private takeEffect<T>(operation: string, planned: StoreFault | undefined, effect: () => T): T {
    this.refuseIfCrashed(operation);
    if (planned === 'crash-before') this.crash();
    if (planned === 'crash-before' || planned === 'fail-before') throw injected(operation, planned);
    const result = effect();
    if (planned === 'crash-after') this.crash();
    if (planned !== undefined) throw injected(operation, planned);
    return result;
  }

  private refuseIfCrashed(operation: string): void {
    if (this.crashed) throw new StoreUnavailableError(`${operation}: the process of this store has crashed`);
  }
}

function injected(operation: string, planned: StoreFault): StoreUnavailableError {
  return new StoreUnavailableError(`${operation}: injected fault ${planned}`);
}
