import type { BreakerOptions } from '../../../../../runtime/policies/circuit-breaker/options.js';
import type { Ramp } from '../../../../../runtime/policies/circuit-breaker/recovery/ramp.js';
import type { ReopenBackoff } from '../../../../../runtime/policies/circuit-breaker/recovery/reopen-backoff.js';
import type { Outcome } from '../../../../../runtime/policies/circuit-breaker/state.js';
import type { SlidingWindow } from '../../../../../runtime/policies/circuit-breaker/window/options.js';
import { type CallId, type Grant, ofSeveral, WindowModel } from './window-model.js';

type Mode = 'closed' | 'open' | 'half_open' | 'forced_open' | 'forced_closed' | 'metrics_only';
export type Force = 'reset' | 'forceOpen' | 'forceClosed' | 'metricsOnly';

/** What a reload may say: `false` ends a window, a backoff or a ramp. */
export interface Reload extends Partial<Omit<BreakerOptions, 'slidingWindow' | 'reopenBackoff' | 'ramp'>> {
  readonly slidingWindow?: SlidingWindow | false;
  readonly reopenBackoff?: ReopenBackoff | false;
  readonly ramp?: Ramp | false;
}

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
    rampRejectedRequests: 0,
    ignoredRequests: 0,
    releasedRequests: 0,
    circuitOpens: 0,
  };
  #options: BreakerOptions;
  #mode: Mode;
  #period = 0;
  #failures = 0;
  /** The calls of the failures in a row. */
  #failed: CallId[] = [];
  #successes = 0;
  #openedAt = 0;
  readonly #probes = new Map<Grant, number>();
  readonly #window: WindowModel;
  #waitMs = 0;
  #closedAt: number;
  #openings = 0;
  #flaps = 0;
  /** Closed because the options say `enabled: false`, not by hand. */
  #off: boolean;
  #rampUntil = Number.NEGATIVE_INFINITY;
  /** What the calls of the ramp brought, and how many were let in for it. */
  #ramped = { shares: 0, admitted: 0 };

  constructor(options: BreakerOptions, now: number) {
    this.#options = options;
    this.#window = new WindowModel(options, now);
    this.#closedAt = now;
    this.#mode = options.enabled ? 'closed' : 'forced_closed';
    this.#off = !options.enabled;
  }

  get options(): BreakerOptions {
    return this.#options;
  }

  get period(): number {
    return this.#period;
  }

  get probesOut(): number {
    return this.#probes.size;
  }

  get successes(): number {
    return this.#lapsed === undefined ? this.#successes : 0;
  }

  enter(now: number, leaseMs: number): Grant | undefined {
    this.counters.totalRequests++;
    this.#expire(now);
    if (this.#mode === 'closed' && this.#window.hanging(now) > 0 && this.#window.trips(now)) this.#open(now, this.#failures);
    else if (this.#mode === 'closed' && this.#heldBack(now)) {
      this.counters.rejectedRequests++;
      this.counters.rampRejectedRequests++;
      return undefined;
    }
    if (this.#mode === 'open' && isOver(this.#openedAt + this.#waitMs, now)) this.#go('half_open', now);
    const full = this.#mode === 'half_open' && this.#probes.size >= this.#options.halfOpenMaxCalls;
    if (this.#mode === 'open' || this.#mode === 'forced_open' || full) {
      this.counters.rejectedRequests++;
      return undefined;
    }
    const grant: Grant = { period: this.#period, probe: this.#mode === 'half_open', at: now };
    if (grant.probe) this.#probes.set(grant, now + leaseMs);
    else if (this.#mode !== 'forced_closed') this.#window.start(grant);
    return grant;
  }

  exit(grant: Grant, outcome: Outcome, now: number, timedOut: boolean, durationMs: number, call: CallId): void {
    const counted = {
      success: 'successfulRequests',
      failure: 'failedRequests',
      ignored: 'ignoredRequests',
      released: 'releasedRequests',
    } as const;
    this.counters[counted[outcome]]++;
    if (outcome === 'failure' && timedOut) this.counters.timeoutRequests++;
    this.#expire(now);
    this.#window.stop(grant);
    if (grant.period !== this.#period) return;
    this.#probes.delete(grant);
    const { slidingWindow, reopenBackoff, successThreshold } = this.#options;
    const verdict = outcome === 'success' || outcome === 'failure';
    const measured = this.#mode === 'closed' || this.#mode === 'metrics_only';
    if (verdict && measured) this.#window.record(outcome === 'failure', durationMs, now, call);
    if (outcome === 'success') {
      this.#failures = 0;
      this.#failed = [];
      const needed = this.#flaps > 0 ? (reopenBackoff?.flappingSuccessThreshold ?? successThreshold) : successThreshold;
      if (this.#mode === 'half_open' && ++this.#successes >= needed) {
        this.#go('closed', now);
        this.#rampUntil = now + (this.#options.ramp?.durationMs ?? Number.NEGATIVE_INFINITY);
        return;
      }
    } else if (outcome === 'failure') {
      if (this.#mode === 'half_open') this.#open(now, 1);
      else if (this.#mode !== 'forced_closed') {
        this.#failures++;
        this.#failed.push(call);
      }
      const inARow = slidingWindow === undefined || slidingWindow.failureThresholdCounts === 'consecutive';
      const { failureThreshold } = this.#options;
      const enough = this.#failures >= failureThreshold && (failureThreshold === 1 || ofSeveral(this.#failed));
      if (this.#mode === 'closed' && inARow && enough) this.#open(now, this.#failures);
    }
    if (this.#mode === 'closed' && verdict && this.#window.trips(now)) this.#open(now, this.#failures);
  }

  force(method: Force, now: number): void {
    this.#expire(now);
    if (method === 'reset') this.#start(now);
    else this.#go(({ forceOpen: 'forced_open', forceClosed: 'forced_closed', metricsOnly: 'metrics_only' } as const)[method], now);
    this.#openings = 0;
    this.#flaps = 0;
  }

  /** Others found it down, and wait for this much longer. */
  peers(leftMs: number, now: number): boolean {
    this.#expire(now);
    if (this.#mode !== 'closed') return false;
    this.#open(now, this.#failures, leftMs);
    return true;
  }

  /** Everything goes on under other options, but for a window of other calls: that begins anew, and so do the calls that it counts. */
  reconfigure(given: Reload, now: number): void {
    this.#expire(now);
    const before = this.#options;
    const merged = { ...before, ...given };
    const none = <T>(value: T | false | undefined): T | undefined => (value === false ? undefined : value);
    const options = {
      ...merged,
      slidingWindow: none(merged.slidingWindow),
      reopenBackoff: none(merged.reopenBackoff),
      ramp: none(merged.ramp),
    } as BreakerOptions;
    this.#options = options;
    this.#window.options = options;
    if (options.reopenBackoff === undefined) {
      this.#openings = 0;
      this.#flaps = 0;
    }
    if (options.ramp === undefined) this.#rampUntil = Number.NEGATIVE_INFINITY;
    else if (this.#rampUntil > now) this.#rampUntil = this.#closedAt + options.ramp.durationMs;
    if (callsOf(before) !== callsOf(options)) {
      this.#window.clear(now);
      if (this.#mode === 'closed' || this.#mode === 'metrics_only') {
        this.#period++;
        this.#ramped = { shares: 0, admitted: 0 };
      }
    }
    const byHand = (this.#mode === 'forced_closed' && !this.#off) || this.#mode === 'forced_open' || this.#mode === 'metrics_only';
    if (options.enabled === before.enabled || byHand) return;
    this.#start(now);
    this.#openings = 0;
    this.#flaps = 0;
  }

  window(now: number): ReturnType<WindowModel['shown']> {
    return this.#window.shown(now);
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

  shownOpenings(now: number): number {
    this.#look(now);
    return this.#lapsed === undefined || this.#options.reopenBackoff === undefined ? this.#openings : this.#openings + 1;
  }

  waitMs(now: number): number {
    this.#look(now);
    if (this.#mode === 'forced_open') return Number.POSITIVE_INFINITY;
    if (this.#lapsed !== undefined) return leftMs(this.#lapsed + this.#waitOf(this.#openings + 1), now);
    return this.#mode === 'open' ? leftMs(this.#openedAt + this.#waitMs, now) : 0;
  }

  /** Grows in a straight line from the moment of closing to the end of the ramp. */
  rampShare(now: number): number {
    const { ramp } = this.#options;
    if (ramp === undefined || this.#mode !== 'closed' || now >= this.#rampUntil) return 1;
    const left = Math.min(1, (this.#rampUntil - now) / ramp.durationMs);
    return 1 - left * (1 - ramp.initialShare);
  }

  /** Of `n` calls with the shares s1 … sn the first passes, and as many more as the shares come to. */
  #heldBack(now: number): boolean {
    if (now >= this.#rampUntil) return false;
    this.#ramped.shares += this.rampShare(now);
    if (this.#ramped.shares < this.#ramped.admitted - 1e-7) return true;
    this.#ramped.admitted++;
    return false;
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
    const { reopenBackoff, recoveryTimeoutMs } = this.#options;
    if (reopenBackoff === undefined) return recoveryTimeoutMs;
    let wait = recoveryTimeoutMs;
    for (let at = 1; at < openings; at++)
      wait = Math.min(wait * reopenBackoff.multiplier, Math.max(reopenBackoff.maxMs, recoveryTimeoutMs));
    return wait;
  }

  #open(at: number, failures: number, longestMs = Number.POSITIVE_INFINITY): void {
    const { reopenBackoff } = this.#options;
    const stable = this.#mode === 'closed' && at - this.#closedAt >= (reopenBackoff?.resetAfterMs ?? 0);
    if (stable || (this.#mode === 'closed' && this.#openings === 0)) {
      this.#openings = 0;
      this.#flaps = 0;
    } else if (this.#mode === 'closed') this.#flaps++;
    this.#openings = reopenBackoff === undefined ? 0 : this.#openings + 1;
    this.#waitMs = Math.min(longestMs, this.#waitOf(this.#openings));
    this.#go('open', at);
    this.#openedAt = at;
    this.#failures = failures;
  }

  /** As the options say: closed, or off. */
  #start(now: number): void {
    this.#go(this.#options.enabled ? 'closed' : 'forced_closed', now);
    this.#off = !this.#options.enabled;
  }

  /** A new period: nothing of the last one counts. What the window held stays to be seen until calls pass again. */
  #go(mode: Mode, now: number): void {
    if (mode !== this.#mode) {
      this.events.push(`${this.#mode} ${mode}`);
      if (mode === 'open' || mode === 'forced_open') this.counters.circuitOpens++;
    }
    this.#mode = mode;
    this.#off = false;
    this.#period++;
    this.#failures = 0;
    this.#failed = [];
    this.#successes = 0;
    this.#probes.clear();
    this.#lapsed = undefined;
    if (mode === 'closed' || mode === 'forced_closed' || mode === 'metrics_only') {
      this.#window.clear(now);
      this.#closedAt = now;
      this.#rampUntil = Number.NEGATIVE_INFINITY;
      this.#ramped = { shares: 0, admitted: 0 };
    }
  }
}

/** A timer fires up to a millisecond early. A caller that waited for as long as it was told gets through all the same. */
function isOver(until: number, now: number): boolean {
  return now > until - 1;
}

/** Callers are told whole milliseconds, never too few. */
function leftMs(until: number, now: number): number {
  return isOver(until, now) ? 0 : Math.ceil(until - now);
}

/** Which calls a window holds and which of them are slow, whatever they are judged by. */
function callsOf({ slidingWindow: window }: BreakerOptions): string {
  return window === undefined ? 'none' : [window.type, window.size, window.durationMs, window.slots, window.slowCallDurationMs].join();
}
