import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { CALLER } from '../../observe/event-hub.js';
import { dispose } from '../../observe/subscription.js';
import { tellFailed, tellRejected } from './announcer.js';
import type { Admitting, Settling } from './counted-run.js';
import { DEFAULT_LEASE_MS } from './options.js';
import type { Outcome } from './state.js';
import { REFUSED } from './transition.js';

export interface AcquireOptions {
  /** How long a probe may hold its place, in milliseconds. Default 30,000. */
  readonly leaseMs?: number;
}

const NAMES = namesOf<AcquireOptions>({ leaseMs: 1 });

/**
 * A permit for work that is not a function, such as a stream or a message of a queue. Created by `breaker.acquire`. The first call of one of its
 * methods settles the permit; later calls do nothing.
 *
 * If a `using` block ends before the permit is settled, the work counts as a failure. An exception that leaves the block therefore counts as a
 * failure. Call `ignore()` or `release()` if the work should not count.
 *
 * @example
 * async function readRows(sql: string): Promise<Row[]> {
 *   using permit = breaker.acquire(); // an exception ends the block, and the permit counts as a failure
 *   const rows = await database.query(sql);
 *   permit.success();
 *   return rows;
 * }
 */
export class Permit {
  readonly #breaker: Settling;
  readonly #permit: number;
  readonly #startedAt: number;
  #settled = false;

  /** @internal */
  constructor(breaker: Settling, permit: number, startedAt: number) {
    this.#breaker = breaker;
    this.#permit = permit;
    this.#startedAt = startedAt;
  }

  /** True once the permit was given back. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Counts the work as a success. */
  success(): void {
    this.#settle('success');
  }

  /** Counts the work as a failure. Events name the kind of `error` as the cause, and never contain its text. */
  failure(error?: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    tellFailed(this.#breaker, error);
    this.#exit('failure');
  }

  /** Ends the work without counting it as a success or a failure. */
  ignore(): void {
    this.#settle('ignored');
  }

  /** Gives the permit back for work that never started, or whose caller aborted. */
  release(): void {
    // Stryker disable next-line StringLiteral: what is none of the other outcomes counts as released; the types let nothing else through.
    this.#settle('released');
  }

  [dispose](): void {
    this.failure();
  }

  #settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#exit(outcome);
  }

  #exit(outcome: Outcome): void {
    const now = this.#breaker.clock.now();
    this.#breaker.exit(this.#permit, outcome, now, now - this.#startedAt, false, CALLER);
  }
}

/**
 * Takes a place in the circuit.
 *
 * @throws {CircuitOpenError} while the circuit is open.
 * @throws {ConfigurationError} if an option does not exist or cannot work.
 */
export function acquirePermit(circuit: Admitting, options: AcquireOptions | undefined): Permit {
  const leaseMs = options === undefined ? DEFAULT_LEASE_MS : leaseIn(options);
  const now = circuit.clock.now();
  const permit = circuit.enter(now, leaseMs, CALLER);
  if (permit !== REFUSED) return new Permit(circuit, permit, now);
  tellRejected(circuit, now);
  throw circuit.openError(now);
}

function leaseIn(options: AcquireOptions): number {
  refuseUnknown('acquire', givenObject('options of acquire', options), NAMES);
  const { leaseMs = DEFAULT_LEASE_MS } = options;
  if (typeof leaseMs !== 'number' || !(leaseMs > 0)) throw new ConfigurationError('leaseMs', leaseMs, 'milliseconds, more than 0');
  return leaseMs;
}
