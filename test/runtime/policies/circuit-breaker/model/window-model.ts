import type { BreakerOptions } from '../../../../../runtime/policies/circuit-breaker/options.js';

/** A permit as the model sees it: the period it belongs to, and whether it is a probe's. */
export interface Grant {
  readonly period: number;
  readonly probe: boolean;
  readonly at: number;
}

/** Which call an attempt belongs to. Undefined: a call that makes no other attempt. */
export type CallId = number | undefined;

/** True if the attempts were made by two calls or more. */
export function ofSeveral(calls: readonly CallId[]): boolean {
  return new Set(calls.map((call) => call ?? Symbol())).size > 1;
}

/** An attempt of the closed period at hand that ended in a verdict. */
interface Ended {
  readonly failed: boolean;
  readonly slow: boolean;
  readonly at: number;
  readonly call: CallId;
}

/** The calls of one closed period, none ever forgotten: what counts is picked at every look. */
export class WindowModel {
  #ended: Ended[] = [];
  readonly #running = new Set<Grant>();
  #began: number;

  constructor(
    public options: BreakerOptions,
    now: number,
  ) {
    this.#began = now;
  }

  clear(now: number): void {
    this.#ended = [];
    this.#running.clear();
    this.#began = now;
  }

  start(grant: Grant): void {
    this.#running.add(grant);
  }

  /** The call is no longer in flight, whatever it came to. */
  stop(grant: Grant): void {
    this.#running.delete(grant);
  }

  record(failed: boolean, durationMs: number, now: number, call: CallId): void {
    const slowMs = this.options.slidingWindow?.slowCallDurationMs ?? Number.POSITIVE_INFINITY;
    this.#ended.push({ failed, slow: durationMs >= slowMs, at: now, call });
  }

  /** The calls that the window holds, and those that hang. */
  shown(now: number): { calls: number; failedCalls: number; slowCalls: number; slowCallsInFlight: number } | null {
    if (this.options.slidingWindow === undefined) return null;
    const kept = this.#kept(now);
    return {
      calls: kept.length,
      failedCalls: kept.filter(({ failed }) => failed).length,
      slowCalls: kept.filter(({ slow }) => slow).length,
      slowCallsInFlight: this.hanging(now),
    };
  }

  /** Known to have run for the threshold: told by the sixteenth of it in which they began. */
  hanging(now: number): number {
    const slowMs = this.options.slidingWindow?.slowCallDurationMs ?? null;
    if (slowMs === null) return 0;
    const part = (at: number): number => Math.floor((at - this.#began) / (slowMs / 16));
    return [...this.#running].filter(({ at }) => part(at) <= part(now) - 17).length;
  }

  trips(now: number): boolean {
    const { slidingWindow: window, failureThreshold } = this.options;
    if (window === undefined) return false;
    const kept = this.#kept(now);
    const hanging = this.hanging(now);
    const failed = kept.filter((call) => call.failed).length;
    const slow = kept.filter((call) => call.slow).length + hanging;
    const either = kept.filter((call) => call.failed || call.slow).length + hanging;
    const reaches = (part: number, all: number, rate: number | null): boolean =>
      rate !== null && all >= window.minimumCalls && part / all >= rate;
    // One call alone opens nothing, unless one sample is enough.
    const several = hanging > 1 || ofSeveral(kept.filter((call) => call.failed || call.slow).map(({ call }) => call));
    if (window.failureThresholdCounts === 'window' && failed >= failureThreshold) return several || failureThreshold === 1;
    const reached =
      reaches(failed, kept.length, window.failureRateThreshold) ||
      (window.slowCallDurationMs !== null && reaches(slow, kept.length + hanging, window.slowCallRateThreshold)) ||
      reaches(either, kept.length + hanging, window.failureOrSlowRateThreshold);
    return reached && (several || window.minimumCalls === 1);
  }

  #kept(now: number): readonly Ended[] {
    const window = this.options.slidingWindow;
    if (window === undefined) return [];
    if (window.type === 'count') return this.#ended.slice(-window.size);
    const slot = (at: number): number => Math.floor(at / (window.durationMs / window.slots));
    return this.#ended.filter(({ at }) => slot(at) > slot(now) - window.slots);
  }
}
