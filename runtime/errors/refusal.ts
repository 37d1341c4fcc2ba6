import { CircuitOpenError } from './call-errors.js';
import { BulkheadFullError, RateLimitedError } from './limit-errors.js';
import { SignInError } from './sign-in-error.js';

/**
 * Whether the work ended before any request: a policy refused it, or there was no token. Such an error says nothing about the service, so a circuit around
 * it does not count it.
 */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof CircuitOpenError ||
    error instanceof BulkheadFullError ||
    error instanceof RateLimitedError ||
    error instanceof SignInError
  );
}
