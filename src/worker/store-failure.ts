// What a client reads when the visibility store fails.

import { ServiceError } from '../base/service-error.ts';
import { unavailable } from '../proto/service-errors.ts';

export function storeFailure(operation: string, error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return unavailable(`${operation} operation failed.: ${reason}`);
}
