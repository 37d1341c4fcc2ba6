import { FAILURE, statusTable } from '../../../runtime/call/answer/classify.js';
import type { PolicyValues } from '../../../runtime/config/types.js';
import { CONNECT_TIMEOUT_MS, shareAbove } from '../engine/behaviour.js';
import type { Segment } from '../engine/segments.js';
import type { Conditions, Fault } from '../scenario/types.js';

/** A span of time with the true error rate of a service. */
export interface TruthStep {
  readonly fromMs: number;
  readonly toMs: number;
  /** 0 to 1. */
  readonly rate: number;
}

/** Decides whether an attempt counts against a circuit, by the rules of a policy. */
export class Judge {
  readonly #statuses: Uint8Array;
  readonly #timeoutMs: number;
  /** Answers that take at least this long also count. */
  readonly limitMs: number;

  constructor(policy: PolicyValues) {
    this.#statuses = statusTable(policy);
    this.#timeoutMs = policy.timeoutMs ?? policy.totalTimeoutMs ?? Number.POSITIVE_INFINITY;
    const judgesSlow = policy.windowEnabled && (policy.slowCallRateThreshold ?? policy.failureOrSlowRateThreshold) !== null;
    this.limitMs = Math.min(this.#timeoutMs, (judgesSlow ? policy.slowCallMs : null) ?? Number.POSITIVE_INFINITY);
  }

  /** Returns true if an attempt with this fault counts. */
  counts(fault: Fault): boolean {
    if (typeof fault === 'number') return ((this.#statuses[fault] ?? 0) & FAILURE) !== 0;
    if (fault === 'hang') return this.#timeoutMs !== Number.POSITIVE_INFINITY;
    // Our own shortage, which says nothing about the service.
    return fault !== 'local';
  }

  /** Returns the share of attempts that would count. */
  rate({ errorRate, errors, latency, errorLatency }: Conditions): number {
    const total = errors.reduce((sum, { weight }) => sum + weight, 0);
    const late = shareAbove(errorLatency ?? latency, this.limitMs);
    const counted = errors.reduce((sum, { fault, weight }) => {
      if (this.counts(fault)) return sum + weight;
      return typeof fault === 'number' ? sum + weight * late : sum;
    }, 0);
    return errorRate * (total === 0 ? 0 : counted / total) + (1 - errorRate) * shareAbove(latency, this.limitMs);
  }

  /** The longest time after which an attempt counts. */
  get longestMs(): number {
    return this.#timeoutMs === Number.POSITIVE_INFINITY ? CONNECT_TIMEOUT_MS : this.#timeoutMs;
  }
}

/** Returns the true error rate of operations with these weights in a scenario. */
export function scenarioTruth(
  segments: readonly Segment[],
  operations: readonly { readonly index: number; readonly weight: number; readonly judge: Judge }[],
): readonly TruthStep[] {
  const total = operations.reduce((sum, { weight }) => sum + weight, 0);
  return segments.map(({ fromMs, toMs, conditions }) => {
    const sum = operations.reduce((rate, { index, weight, judge }) => rate + weight * judge.rate(conditions[index] as Conditions), 0);
    return { fromMs, toMs, rate: total === 0 ? 0 : sum / total };
  });
}

/** Returns the highest true error rate between two times, both included. */
export function highestRate(truth: readonly TruthStep[], fromMs: number, toMs: number): number {
  let highest = 0;
  for (const step of truth) if (step.toMs > fromMs && step.fromMs <= toMs) highest = Math.max(highest, step.rate);
  return highest;
}

/** Returns the unbroken spans in which the true error rate is at least `level`, each with its highest rate. */
export function spansAbove(truth: readonly TruthStep[], level: number): readonly TruthStep[] {
  const spans: { fromMs: number; toMs: number; rate: number }[] = [];
  for (const { fromMs, toMs, rate } of truth) {
    if (rate < level) continue;
    const last = spans.at(-1);
    if (last?.toMs === fromMs) {
      last.toMs = toMs;
      last.rate = Math.max(last.rate, rate);
    } else spans.push({ fromMs, toMs, rate });
  }
  return spans;
}

/** Returns the mean of the true error rate in each of `count` intervals. */
export function meanRates(truth: readonly TruthStep[], stepMs: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => {
    const [fromMs, toMs] = [at * stepMs, (at + 1) * stepMs];
    let [sum, known] = [0, 0];
    for (const step of truth) {
      const overlap = Math.min(toMs, step.toMs) - Math.max(fromMs, step.fromMs);
      if (overlap <= 0) continue;
      sum += overlap * step.rate;
      known += overlap;
    }
    return known === 0 ? 0 : sum / known;
  });
}
