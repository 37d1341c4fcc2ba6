import { CircuitOpenError } from './call-errors.js';
import { BulkheadFullError, RateLimitedError } from './limit-errors.js';

/** Whether a policy refused the work before any request. Such an error says nothing about the service, so a circuit around it does not count it. */
export function isRefusal(error: unknown): boolean {
  return error instanceof CircuitOpenError || error instanceof BulkheadFullError || error instanceof RateLimitedError;
}
