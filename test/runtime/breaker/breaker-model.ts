import type { BreakerOptions } from '../../../runtime/breaker/options.js';
import type { Outcome } from '../../../runtime/breaker/state.js';

/** A permit as the model sees it: the period it belongs to, and whether it is a probe's. */
export interface Grant {
  readonly period: number;
  readonly probe: boolean;
}

type Mode = 'closed' | 'open' | 'half_open' | 'forced_open' | 'forced_closed' | 'metrics_only';
export type Force = 'reset' | 'forceOpen' | 'forceClosed' | 'metricsOnly';

/**
 * What a circuit should do, said again in the plainest way: mutable, with a set of probes by identity. Time is settled before everything,
 * transitions are written down as they happen.
 */
export class BreakerModel {
  readonly events: string[] = [];
  readonly counters = {
    totalRequests: 0,
    successfulRequests: 0,
    failedRequests: 0,
    timeoutRequests: 0,
    rejectedRequests: 0,
    ignoredRequests: 0,
    releasedRequests: 0,
    circuitOpens: 0,
  };
  #mode: Mode;
  #period = 0;
  #failures = 0;
  #successes = 0;
  #openedAt = 0;
  readonly #probes = new Map<Grant, number>();

  constructor(readonly options: BreakerOptions) {
    this.#mode = options.enabled ? 'closed' : 'forced_closed';
  }

  get probesOut(): number {
    return this.#probes.size;
  }

  get successes(): number {
    return this.#probes.size > 0 && this.#lapsed !== undefined ? 0 : this.#successes;
  }

  enter(now: number, leaseMs: number): Grant | undefined {
    this.counters.totalRequests++;
    this.#expire(now);
    if (this.#mode === 'open' && now >= this.#openedAt + this.options.recoveryTimeoutMs) this.#go('half_open');
    const full = this.#mode === 'half_open' && this.#probes.size >= this.options.halfOpenMaxCalls;
    if (this.#mode === 'open' || this.#mode === 'forced_open' || full) {
      this.counters.rejectedRequests++;
      return undefined;
    }
    const grant: Grant = { period: this.#period, probe: this.#mode === 'half_open' };
    if (grant.probe) this.#probes.set(grant, now + leaseMs);
    return grant;
  }

  exit(grant: Grant, outcome: Outcome, now: number, timedOut: boolean): void {
    const counted = {
      success: 'successfulRequests',
      failure: 'failedRequests',
      ignored: 'ignoredRequests',
      released: 'releasedRequests',
    } as const;
    this.counters[counted[outcome]]++;
    if (outcome === 'failure' && timedOut) this.counters.timeoutRequests++;
    this.#expire(now);
    if (grant.period !== this.#period) return;
    this.#probes.delete(grant);
    if (outcome === 'success') {
      this.#failures = 0;
      if (this.#mode === 'half_open' && ++this.#successes >= this.options.successThreshold) this.#go('closed');
    } else if (outcome === 'failure') {
      if (this.#mode === 'half_open') this.#open(now, 1);
      else if (this.#mode !== 'forced_closed') this.#failures++;
      if (this.#mode === 'closed' && this.#failures >= this.options.failureThreshold) this.#open(now, this.#failures);
    }
  }

  force(method: Force, now: number): void {
    this.#expire(now);
    const released: Mode = this.options.enabled ? 'closed' : 'forced_closed';
    this.#go({ reset: released, forceOpen: 'forced_open', forceClosed: 'forced_closed', metricsOnly: 'metrics_only' }[method] as Mode);
  }

  shown(now: number): 'closed' | 'open' | 'half_open' {
    this.#look(now);
    const wait = this.waitMs(now);
    if (wait > 0) return 'open';
    return this.#mode === 'closed' || this.#mode === 'forced_closed' || this.#mode === 'metrics_only' ? 'closed' : 'half_open';
  }

  shownFailures(now: number): number {
    this.#look(now);
    if (this.#lapsed !== undefined) return this.waitMs(now) > 0 ? 1 : 0;
    return this.#mode === 'open' && this.waitMs(now) === 0 ? 0 : this.#failures;
  }

  waitMs(now: number): number {
    this.#look(now);
    if (this.#mode === 'forced_open') return Number.POSITIVE_INFINITY;
    const openedAt = this.#lapsed ?? (this.#mode === 'open' ? this.#openedAt : undefined);
    return openedAt === undefined ? 0 : Math.max(0, openedAt + this.options.recoveryTimeoutMs - now);
  }

  /** When the first lease ran out, where one has and no call has come since. */
  #lapsed: number | undefined;

  #look(now: number): void {
    const first = Math.min(...this.#probes.values());
    this.#lapsed = first <= now ? first : undefined;
  }

  #expire(now: number): void {
    this.#look(now);
    if (this.#lapsed !== undefined) this.#open(this.#lapsed, 1);
  }

  #open(at: number, failures: number): void {
    this.#go('open');
    this.#openedAt = at;
    this.#failures = failures;
  }

  /** A new period: nothing of the last one counts. */
  #go(mode: Mode): void {
    if (mode !== this.#mode) {
      this.events.push(`${this.#mode} ${mode}`);
      if (mode === 'open' || mode === 'forced_open') this.counters.circuitOpens++;
    }
    this.#mode = mode;
    this.#period++;
    this.#failures = 0;
    this.#successes = 0;
    this.#probes.clear();
    this.#lapsed = undefined;
  }
}
