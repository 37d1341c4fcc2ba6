import { ConfigurationError } from '../../errors/configuration-error.js';
import type { CircuitBreaker } from './breaker.js';

/** Whom a circuit follows. */
export interface Following {
  readonly byHand: readonly CircuitBreaker[];
  /** Whom the names of its registry mean, at each moment. */
  readonly byName: (() => Iterable<CircuitBreaker>) | undefined;
}

/** A circuit, as far as following goes. */
type Follower = Pick<CircuitBreaker, 'name' | 'following'>;

/**
 * Whom a circuit follows, with one more.
 *
 * @throws {ConfigurationError} where that one follows this one already.
 */
export function withFollowed(breaker: Follower, other: CircuitBreaker): Following {
  if (reaches(other, breaker, new Set())) {
    const hint = `'${other.name}' follows '${breaker.name}' already, so both would wait for each other`;
    throw new ConfigurationError(`follow of '${breaker.name}'`, other.name, 'a circuit that does not follow this one', hint);
  }
  const byHand = breaker.following?.byHand ?? [];
  return { byHand: byHand.includes(other) ? byHand : [...byHand, other], byName: breaker.following?.byName };
}

/** Whom it follows where its registry's names mean those; undefined: nobody. */
export function withNames({ following }: Follower, byName: Following['byName']): Following | undefined {
  const byHand = following?.byHand ?? [];
  return byHand.length === 0 && byName === undefined ? undefined : { byHand, byName };
}

/**
 * The first of those that it follows that is open at `now`, or that refuses because of one that is. `seen`: names and hands together may have
 * made a circle, which neither knew of, and no circuit blocks itself.
 */
export function firstOpen(breaker: CircuitBreaker, now: number, seen: Set<CircuitBreaker> = new Set()): CircuitBreaker | undefined {
  if (breaker.following === undefined || breaker.followsNone) return undefined;
  seen.add(breaker);
  for (const other of followedBy(breaker.following)) {
    const cause = seen.has(other) ? undefined : other.ownWaitMs(now) > 0 ? other : firstOpen(other, now, seen);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

/** How long those that it follows hold it back, in milliseconds: the first that is open, whoever holds that one back, and so on. */
export function heldBackMs(breaker: CircuitBreaker, now: number): number {
  let waitMs = 0;
  const seen = new Set<CircuitBreaker>();
  for (let other = breaker.blockedBy(now); other !== undefined && !seen.has(other); other = other.blockedBy(now)) {
    seen.add(other);
    waitMs = Math.max(waitMs, other.ownWaitMs(now));
  }
  return waitMs;
}

function reaches(from: Follower, target: Follower, seen: Set<Follower>): boolean {
  if (from === target) return true;
  if (from.following === undefined || seen.has(from)) return false;
  seen.add(from);
  for (const other of followedBy(from.following)) if (reaches(other, target, seen)) return true;
  return false;
}

function followedBy({ byHand, byName }: Following): Iterable<CircuitBreaker> {
  return byName === undefined ? byHand : [...byHand, ...byName()];
}
