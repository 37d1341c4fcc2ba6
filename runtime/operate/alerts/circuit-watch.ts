import type { ResolvedRules } from '../../config/alert-types.js';
import type { FuselineEvent, TransitionEvent } from '../../observe/events.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { glanceAt } from '../../policies/circuit-breaker/glance.js';
import type { Stage } from './incident.js';
import { type Counts, SuccessWindow } from './success-window.js';

/** How many failures are kept, and for how long, to name the causes of an opening. */
const MAX_CAUSES = 50;
const CAUSES_MS = 300_000;

/** A period during which a circuit is not closed. Times are monotonic. */
export interface Down {
  readonly since: number;
  /** The event that opened the circuit; undefined if the circuit was already open when it was first checked. */
  readonly event: TransitionEvent | undefined;
  /** Whether someone forced the circuit open. */
  byHand: boolean;
  /** The number of failed probes. */
  reopenings: number;
  cacheAnswers: number;
  fallbackAnswers: number;
  refused: number;
}

/** The end of a trouble. */
export interface Ended {
  readonly since: number;
  readonly at: number;
  readonly downMs: number;
  readonly how: 'probes' | 'by_hand' | 'gone' | 'seen_closed' | 'rate' | 'too_few_calls';
}

/** The state that alerts keep of one circuit. Its size is bounded. */
export class CircuitWatch {
  down: Down | undefined;
  /** Since when too few attempts succeed; undefined if enough do. */
  lowSince: number | undefined;
  /** The success rate at the last check. */
  rate = 1;
  calls = 0;
  ended: Ended | undefined;
  rules: ResolvedRules;
  #window: SuccessWindow;
  readonly #causes: { readonly cause: string; readonly at: number }[] = [];

  /** `fresh`: the circuit was made after the last check, so all its counts are new. */
  constructor(
    readonly circuit: CircuitBreaker,
    rules: ResolvedRules,
    now: number,
    fresh: boolean,
  ) {
    this.rules = rules;
    this.#window = windowOf(rules, now, fresh ? { successes: 0, failures: 0 } : countsOf(circuit));
  }

  /** Applies other rules. A success window of another length starts empty. */
  retune(rules: ResolvedRules, now: number): void {
    const { lowSuccessRate } = rules;
    if (lowSuccessRate === false || lowSuccessRate.windowMs !== this.#window.windowMs) {
      this.#window = windowOf(rules, now, countsOf(this.circuit));
    }
    if (lowSuccessRate === false && this.lowSince !== undefined) {
      this.ended = { since: this.lowSince, at: now, downMs: now - this.lowSince, how: 'gone' };
      this.lowSince = undefined;
    }
    this.rules = rules;
  }

  /** Replaces the watch of a former circuit with the same name. */
  continueFrom(other: CircuitWatch): void {
    this.ended = other.ended;
  }

  /** Takes an event of this circuit. Returns whether its state changed, which can require a message. */
  take(event: FuselineEvent, now: number): boolean {
    const { down } = this;
    switch (event.type) {
      case 'call_failed':
        this.#causes.push({ cause: event.cause, at: now });
        if (this.#causes.length > MAX_CAUSES) this.#causes.shift();
        return false;
      case 'call_rejected':
        if (down !== undefined) down.refused++;
        return false;
      case 'fallback_used':
        if (down !== undefined && event.source === 'cache') down.cacheAnswers++;
        else if (down !== undefined) down.fallbackAnswers++;
        return false;
      case 'circuit_opened':
      case 'circuit_forced_open': {
        const byHand = event.type === 'circuit_forced_open';
        if (down === undefined) this.down = begun(now, event, byHand);
        else {
          down.byHand = byHand;
          if (!byHand) down.reopenings++;
        }
        return true;
      }
      case 'circuit_half_open':
        this.down ??= begun(now, undefined, false);
        this.down.byHand = false;
        return true;
      case 'circuit_closed':
      case 'circuit_forced_closed':
      case 'circuit_metrics_only':
        this.#close(now, event.oldState === 'half_open' && event.type === 'circuit_closed' ? 'probes' : 'by_hand', event.downMs);
        return true;
      default:
        return false;
    }
  }

  /** Checks the circuit for changes without an event, and for its success rate. `gone`: the registry has forgotten it. */
  look(now: number, gone: boolean): void {
    if (gone) {
      this.#close(now, 'gone');
      return;
    }
    const { state, forced, inStateMs, downMs } = glanceAt(this.circuit, this.circuit.clock.now());
    if (state === 'closed') {
      if (this.down !== undefined) this.#close(now, 'seen_closed');
      this.#judge(now);
    } else this.down ??= begun(now - Math.max(inStateMs, downMs), undefined, forced);
  }

  stage(now: number): Stage {
    const { circuitOpenLong } = this.rules;
    if (this.down === undefined) return this.lowSince === undefined ? 0 : 1;
    return circuitOpenLong !== false && now - this.down.since >= circuitOpenLong.afterMs ? 3 : 2;
  }

  /** When the circuit will count as open for long. Infinity if it is closed, or if that rule is off. */
  get longAt(): number {
    const { circuitOpenLong } = this.rules;
    return this.down === undefined || circuitOpenLong === false ? Number.POSITIVE_INFINITY : this.down.since + circuitOpenLong.afterMs;
  }

  /** Returns the failures of the last minutes by cause. */
  causes(now: number): Readonly<Record<string, number>> {
    const counts = new Map<string, number>();
    for (const { cause, at } of this.#causes) if (now - at <= CAUSES_MS) counts.set(cause, (counts.get(cause) ?? 0) + 1);
    return Object.fromEntries(counts);
  }

  #close(now: number, how: Ended['how'], downMs?: number): void {
    const since = this.down?.since ?? this.lowSince ?? now;
    if (this.down !== undefined || this.lowSince !== undefined) this.ended = { since, at: now, downMs: downMs ?? now - since, how };
    this.down = undefined;
    this.lowSince = undefined;
    this.#causes.length = 0;
    // Failures of the outage do not count for the time after it.
    this.#window.restart(now, countsOf(this.circuit));
  }

  #judge(now: number): void {
    const rule = this.rules.lowSuccessRate;
    if (rule === false) return;
    const { calls, rate } = this.#window.look(now, countsOf(this.circuit));
    const judged = calls >= rule.minimumCalls;
    if (judged && rate < rule.below) {
      this.rate = rate;
      this.calls = calls;
      this.lowSince ??= now;
    } else if (this.lowSince !== undefined) {
      this.rate = rate;
      this.calls = calls;
      this.ended = { since: this.lowSince, at: now, downMs: now - this.lowSince, how: judged ? 'rate' : 'too_few_calls' };
      this.lowSince = undefined;
    }
  }
}

function windowOf({ lowSuccessRate }: ResolvedRules, now: number, counts: Counts): SuccessWindow {
  return new SuccessWindow(lowSuccessRate === false ? Number.POSITIVE_INFINITY : lowSuccessRate.windowMs, now, counts);
}

function begun(since: number, event: TransitionEvent | undefined, byHand: boolean): Down {
  return { since, event, byHand, reopenings: 0, cacheAnswers: 0, fallbackAnswers: 0, refused: 0 };
}

/** Reads the counters directly: a thousand snapshots would delay calls. */
function countsOf({ counters }: CircuitBreaker): Counts {
  return { successes: counters.successes, failures: counters.failures };
}
