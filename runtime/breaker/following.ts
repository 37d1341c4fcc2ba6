import { ConfigurationError } from '../errors/configuration-error.js';
import type { CircuitBreaker } from './breaker.js';

/** A circuit, as far as following goes. */
type Follower = Pick<CircuitBreaker, 'name' | 'followed'>;

/**
 * Whom a circuit follows, with one more.
 *
 * @throws {ConfigurationError} where that one follows this one already.
 */
export function withFollowed(breaker: Follower, other: CircuitBreaker): readonly CircuitBreaker[] {
  if (reaches(other, breaker)) {
    const hint = `'${other.name}' follows '${breaker.name}' already, so both would wait for each other`;
    throw new ConfigurationError(`follow of '${breaker.name}'`, other.name, 'a circuit that does not follow this one', hint);
  }
  const { followed = [] } = breaker;
  return followed.includes(other) ? followed : [...followed, other];
}

/** Whom it follows without that one; undefined: nobody any more. */
export function withoutFollowed({ followed = [] }: Follower, other: CircuitBreaker): readonly CircuitBreaker[] | undefined {
  const rest = followed.filter((one) => one !== other);
  return rest.length === 0 ? undefined : rest;
}

/** The first that is open at `now`, or that refuses because of one that is. */
export function firstOpen(followed: readonly CircuitBreaker[], now: number): CircuitBreaker | undefined {
  for (const other of followed) {
    const cause = other.ownWaitMs(now) > 0 ? other : other.blockedBy(now);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

function reaches(from: Follower, target: Follower): boolean {
  return from === target || (from.followed ?? []).some((other) => reaches(other, target));
}
