import { ConfigurationError } from '../../errors/configuration-error.js';

/** The parts of a circuit that following needs. */
export interface Followed<C = unknown> {
  readonly name: string;
  /** The circuits that this one follows at the moment. */
  readonly followed: Iterable<C>;
  readonly machine: {
    /** Milliseconds until this circuit lets a call through by its own state: 0 while it does, Infinity while it is forced open. */
    waitMs(now: number): number;
    /** True while this circuit lets every call through, whatever it follows: it is forced closed, watched only, or off. */
    readonly letsAllThrough: boolean;
  };
}

/** The circuits that one circuit follows: first those given as objects, then those given by name. */
export class Follows<C extends Followed<C>> implements Iterable<C> {
  readonly byHand: readonly C[];
  readonly byName: (() => Iterable<C>) | undefined;

  constructor(byHand: readonly C[], byName: (() => Iterable<C>) | undefined) {
    this.byHand = byHand;
    this.byName = byName;
  }

  *[Symbol.iterator](): Iterator<C> {
    yield* this.byHand;
    if (this.byName !== undefined) yield* this.byName();
  }
}

/**
 * Returns what `follower` follows once it also follows `other`.
 *
 * @throws {ConfigurationError} if `other` already follows `follower`, directly or through others.
 */
export function withFollowed<C extends Followed<C>>(follows: Follows<C> | undefined, follower: C, other: C): Follows<C> {
  if (reaches(other, follower, new Set())) {
    const hint = `'${other.name}' follows '${follower.name}' already, so both would wait for each other`;
    throw new ConfigurationError(`follow of '${follower.name}'`, other.name, 'a circuit that does not follow this one', hint);
  }
  const byHand = follows?.byHand ?? [];
  return new Follows(byHand.includes(other) ? byHand : [...byHand, other], follows?.byName);
}

/** Returns what a circuit follows with `byName` in place of its previous names; undefined if it then follows no circuit. */
export function withNames<C extends Followed<C>>(
  follows: Follows<C> | undefined,
  byName: (() => Iterable<C>) | undefined,
): Follows<C> | undefined {
  const byHand = follows?.byHand ?? [];
  return byHand.length === 0 && byName === undefined ? undefined : new Follows(byHand, byName);
}

/**
 * Returns the open circuit that blocks `circuit` at `now`: the first open one among the circuits that it follows, directly or through others.
 * Undefined if there is none.
 *
 * `seen` contains the circuits already visited. Names and `follow` together can form a circle that neither check detects, and a circuit does not
 * block itself.
 */
export function firstOpen<C extends Followed<C>>(circuit: C, now: number, seen: Set<C> = new Set()): C | undefined {
  if (circuit.machine.letsAllThrough) return undefined;
  seen.add(circuit);
  for (const other of circuit.followed) {
    const cause = seen.has(other) ? undefined : other.machine.waitMs(now) > 0 ? other : firstOpen(other, now, seen);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

/** Returns the longest wait, in milliseconds, along the chain of circuits that block `circuit`: its blocker, the blocker of that one, and so on. */
export function heldBackMs<C extends Followed<C>>(circuit: C, now: number): number {
  let waitMs = 0;
  const seen = new Set<C>();
  for (let other = firstOpen(circuit, now); other !== undefined && !seen.has(other); other = firstOpen(other, now)) {
    seen.add(other);
    waitMs = Math.max(waitMs, other.machine.waitMs(now));
  }
  return waitMs;
}

function reaches<C extends Followed<C>>(from: C, target: C, seen: Set<C>): boolean {
  if (from === target) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  for (const other of from.followed) if (reaches(other, target, seen)) return true;
  return false;
}
