// What a backend brings to the contract suites.

import type { StoreFactory } from '../store-factory.ts';

export interface ContractBackend {
  readonly name: string;
  /** False where closing loses the data: tests that reopen are skipped. */
  readonly durable: boolean;
  /** A factory over empty data, its schema prepared. */
  open(): Promise<{ readonly factory: StoreFactory; close(): Promise<void> }>;
}

/** The rejection of an operation that may also throw at once. */
export async function failureOf(operation: () => unknown): Promise<unknown> {
  try {
    await operation();
  } catch (error) {
    return error;
  }
  throw new Error('the operation was expected to fail');
}

export function text(data: Uint8Array | undefined): string | undefined {
  return data === undefined ? undefined : Buffer.from(data).toString();
}

export function bytes(value: string): Uint8Array {
  return Buffer.from(value);
}
