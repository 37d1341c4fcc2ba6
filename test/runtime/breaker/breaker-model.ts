import type { BreakerOptions } from '../../../runtime/breaker/options.js';
import type { Outcome } from '../../../runtime/breaker/state.js';

/** A permit as the model sees it: the period it belongs to, and whether it is a probe's. */
export interface Grant {
  readonly period: number;
  readonly probe: boolean;
  readonly at: number;
}

/** A call of the closed period at hand that ended in a verdict. */
interface Ended {
  readonly failed: boolean;
  readonly slow: boolean;
  readonly at: number;
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
  /** Every call of the period, never forgotten: what counts is picked at every look. */
  #ended: Ended[] = [];
  readonly #running = new Set<Grant>();
  #waitMs = 0;
  #closedAt = 0;
  #openings = 0;
  #flaps = 0;
  #windowBegan: number;

  constructor(
    readonly options: BreakerOptions,
    now: number,
  ) {
    this.#windowBegan = now;
    this.#closedAt = now;
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
    if (this.#mode === 'closed' && this.#hanging(now) > 0 && this.#rateTrips(now)) this.#open(now, this.#failures);
    if (this.#mode === 'open' && now >= this.#openedAt + this.#waitMs) this.#go('half_open', now);
    const full = this.#mode === 'half_open' && this.#probes.size >= this.options.halfOpenMaxCalls;
    if (this.#mode === 'open' || this.#mode === 'forced_open' || full) {
      this.counters.rejectedRequests++;
      return undefined;
    }
    const grant: Grant = { period: this.#period, probe: this.#mode === 'half_open', at: now };
    if (grant.probe) this.#probes.set(grant, now + leaseMs);
    else if (this.#mode !== 'forced_closed') this.#running.add(grant);
    return grant;
  }

  exit(grant: Grant, outcome: Outcome, now: number, timedOut: boolean, durationMs: number): void {
    const counted = {
      success: 'successfulRequests',
      failure: 'failedRequests',
      ignored: 'ignoredRequests',
      released: 'releasedRequests',
    } as const;
    this.counters[counted[outcome]]++;
    if (outcome === 'failure' && timedOut) this.counters.timeoutRequests++;
    this.#expire(now);
    this.#running.delete(grant);
    if (grant.period !== this.#period) return;
    this.#probes.delete(grant);
    const { slidingWindow, reopenBackoff, successThreshold } = this.options;
    const verdict = outcome === 'success' || outcome === 'failure';
    const measured = this.#mode === 'closed' || this.#mode === 'metrics_only';
    if (verdict && measured && slidingWindow !== undefined)
      this.#ended.push({ failed: outcome === 'failure', slow: durationMs >= (slidingWindow.slowCallDurationMs ?? Infinity), at: now });
    if (outcome === 'success') {
      this.#failures = 0;
      const needed = this.#flaps > 0 ? (reopenBackoff?.flappingSuccessThreshold ?? successThreshold) : successThreshold;
      if (this.#mode === 'half_open' && ++this.#successes >= needed) {
        this.#go('closed', now);
        return;
      }
    } else if (outcome === 'failure') {
      if (this.#mode === 'half_open') this.#open(now, 1);
      else if (this.#mode !== 'forced_closed') this.#failures++;
      const inARow = slidingWindow === undefined || slidingWindow.failureThresholdCounts === 'consecutive';
      if (this.#mode === 'closed' && inARow && this.#failures >= this.options.failureThreshold) this.#open(now, this.#failures);
    }
    if (this.#mode === 'closed' && verdict && slidingWindow !== undefined && this.#rateTrips(now)) this.#open(now, this.#failures);
  }

  /** The calls that the window holds, and those that hang. */
  window(now: number): { calls: number; failedCalls: number; slowCalls: number; slowCallsInFlight: number } | null {
    if (this.options.slidingWindow === undefined) return null;
    const kept = this.#kept(now);
    return {
      calls: kept.length,
      failedCalls: kept.filter(({ failed }) => failed).length,
      slowCalls: kept.filter(({ slow }) => slow).length,
      slowCallsInFlight: this.#hanging(now),
    };
  }

  #kept(now: number): readonly Ended[] {
    const window = this.options.slidingWindow;
    if (window === undefined) return [];
    if (window.type === 'count') return this.#ended.slice(-window.size);
    const slot = (at: number): number => Math.floor(at / (window.durationMs / window.slots));
    return this.#ended.filter(({ at }) => slot(at) > slot(now) - window.slots);
  }

  /** Known to have run for the threshold: told by the sixteenth of it in which they began. */
  #hanging(now: number): number {
    const slowMs = this.options.slidingWindow?.slowCallDurationMs ?? null;
    if (slowMs === null) return 0;
    const part = (at: number): number => Math.floor((at - this.#windowBegan) / (slowMs / 16));
    return [...this.#running].filter(({ at }) => part(at) <= part(now) - 17).length;
  }

  #rateTrips(now: number): boolean {
    const window = this.options.slidingWindow;
    if (window === undefined) return false;
    const kept = this.#kept(now);
    const hanging = this.#hanging(now);
    const failed = kept.filter((call) => call.failed).length;
    const slow = kept.filter((call) => call.slow).length + hanging;
    const either = kept.filter((call) => call.failed || call.slow).length + hanging;
    const reaches = (part: number, all: number, rate: number | null): boolean =>
      rate !== null && all >= window.minimumCalls && part / all >= rate;
    return (
      (window.failureThresholdCounts === 'window' && failed >= this.options.failureThreshold) ||
      reaches(failed, kept.length, window.failureRateThreshold) ||
      (window.slowCallDurationMs !== null && reaches(slow, kept.length + hanging, window.slowCallRateThreshold)) ||
      reaches(either, kept.length + hanging, window.failureOrSlowRateThreshold)
    );
  }

  force(method: Force, now: number): void {
    this.#expire(now);
    const released: Mode = this.options.enabled ? 'closed' : 'forced_closed';
    this.#go({ reset: released, forceOpen: 'forced_open', forceClosed: 'forced_closed', metricsOnly: 'metrics_only' }[method] as Mode, now);
    this.#openings = 0;
    this.#flaps = 0;
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
    if (this.#lapsed !== undefined) return Math.max(0, this.#lapsed + this.#waitOf(this.#openings + 1) - now);
    return this.#mode === 'open' ? Math.max(0, this.#openedAt + this.#waitMs - now) : 0;
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

  /** Without jitter: the model has no seed. */
  #waitOf(openings: number): number {
    const { reopenBackoff, recoveryTimeoutMs } = this.options;
    if (reopenBackoff === undefined) return recoveryTimeoutMs;
    let wait = recoveryTimeoutMs;
    for (let at = 1; at < openings; at++)
      wait = Math.min(wait * reopenBackoff.multiplier, Math.max(reopenBackoff.maxMs, recoveryTimeoutMs));
    return wait;
  }

  #open(at: number, failures: number): void {
    const { reopenBackoff } = this.options;
    const stable = this.#mode === 'closed' && at - this.#closedAt >= (reopenBackoff?.resetAfterMs ?? 0);
    if (stable || this.#openings === 0) {
      this.#openings = 0;
      this.#flaps = 0;
    } else if (this.#mode === 'closed') this.#flaps++;
    this.#openings++;
    this.#waitMs = this.#waitOf(this.#openings);
    this.#go('open', at);
    this.#openedAt = at;
    this.#failures = failures;
  }

  /** A new period: nothing of the last one counts. What the window held stays to be seen until calls pass again. */
  #go(mode: Mode, now: number): void {
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
    if (mode === 'closed' || mode === 'forced_closed' || mode === 'metrics_only') {
      this.#ended = [];
      this.#running.clear();
      this.#windowBegan = now;
      this.#closedAt = now;
    }
  }
}
