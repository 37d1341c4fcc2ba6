import { CircuitOpenError } from './call-errors.js';
import { BulkheadFullError, RateLimitedError } from './limit-errors.js';

/** Did a policy refuse the work before anyone was asked? Then it says nothing of the service, and a circuit around it counts nothing. */
export function isRefusal(error: unknown): boolean {
  return error instanceof CircuitOpenError || error instanceof BulkheadFullError || error instanceof RateLimitedError;
}
