// A call that can be made without preparation, and how it is refused.

import type { status } from '@grpc/grpc-js';
import type { Scenario } from '../harness/scenario.ts';

export const UNKNOWN_RUN = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';

export interface BadCall {
  readonly name: string;
  readonly call: (s: Scenario) => Promise<unknown>;
  readonly code: keyof typeof status;
  readonly message: (s: Scenario) => string;
  readonly detail: string | null;
}
