import type { WindowSnapshot } from '../../../observe/circuit-words.js';
import { ONE_ATTEMPT } from '../calls.js';
import type { BreakerOptions } from '../options.js';
import type { OpenReason, Outcome } from '../state.js';
import { BadCalls } from './bad-calls.js';
import { type CallWindow, FAILED, SLOW } from './call-window.js';
import { CountWindow } from './count-window.js';
import { InFlight } from './in-flight.js';
import type { SlidingWindow } from './options.js';
import { TimeWindow } from './time-window.js';

/** A call, as far as the window tells calls apart. */
export interface Numbered {
  /** See `calls.ts`. Read only if the attempt was bad. */
  readonly callNumber?: number;
}

/** The sliding window of one closed period. Decides whether its calls open the circuit. */
export class HealthWindow {
  #options: SlidingWindow;
  #failureCount: number;
  readonly #slowMs: number;
  readonly #window: CallWindow;
  readonly #inFlight: InFlight | null;
  readonly #bad = new BadCalls();
  #epoch = 0;

  constructor(options: SlidingWindow, failureThreshold: number) {
    this.#options = options;
    this.#failureCount = countOf(options, failureThreshold);
    this.#slowMs = options.slowCallDurationMs ?? Number.POSITIVE_INFINITY;
    this.#window = options.type === 'count' ? new CountWindow(options.size) : new TimeWindow(options.durationMs, options.slots);
    this.#inFlight = options.slowCallDurationMs === null ? null : new InFlight(options.slowCallDurationMs);
  }

  /** Replaces the thresholds and keeps the calls. The new window must hold the same calls, see `sameCalls`. */
  retune({ slidingWindow = this.#options, failureThreshold }: Pick<BreakerOptions, 'slidingWindow' | 'failureThreshold'>): void {
    this.#options = slidingWindow;
    this.#failureCount = countOf(slidingWindow, failureThreshold);
  }

  /** Counts a call that starts. Returns its permit: the number of the period, with a fraction if calls in flight are counted. */
  enter(now: number): number {
    return this.#inFlight === null ? this.#epoch : this.#inFlight.enter(this.#epoch, now);
  }

  /**
   * Records a call that ended. Returns the reason why the circuit must open, or undefined. Only successes and failures are added to the window. Pass
   * `released` for a call of another period.
   */
  exit(permit: number, outcome: Outcome, durationMs: number, now: number, caller?: Numbered): OpenReason | undefined {
    if (Math.floor(permit) === this.#epoch) this.#inFlight?.exit(permit);
    if (outcome !== 'success' && outcome !== 'failure') return undefined;
    const bits = (outcome === 'failure' ? FAILED : 0) | (durationMs >= this.#slowMs ? SLOW : 0);
    this.#window.record(bits, now);
    if (bits !== 0) this.#bad.add(caller?.callNumber ?? ONE_ATTEMPT, this.#window.place);
    return this.verdict(now);
  }

  /** Returns true if a call hangs, so that the circuit can have to open although no call ends. */
  hangs(now: number): boolean {
    if (this.#inFlight === null) return false;
    this.#inFlight.advance(now);
    return this.#inFlight.slow > 0;
  }

  /**
   * Returns the reason why the circuit must open, or undefined. One call alone opens nothing, unless the options say that one sample is enough. Two calls
   * that hang are two calls.
   */
  verdict(now: number): OpenReason | undefined {
    const hanging = this.#advance(now);
    const reason = this.#reason(hanging);
    if (reason === undefined || hanging > 1 || this.#bad.ofSeveral(this.#window)) return reason;
    const enough = reason === 'failures_in_window' ? this.#failureCount : this.#options.minimumCalls;
    return enough <= 1 ? reason : undefined;
  }

  /** Empties the window for the period `epoch`. */
  clear(epoch: number, now: number): void {
    this.#epoch = epoch;
    this.#window.clear();
    this.#bad.clear();
    this.#inFlight?.clear(now);
  }

  snapshot(now: number): WindowSnapshot {
    const hanging = this.#advance(now);
    const { calls, failed, slow, failedOrSlow } = this.#window;
    const { type, minimumCalls } = this.#options;
    const rate = (part: number, of: number): number | null => (of < minimumCalls ? null : part / of);
    return {
      type,
      calls,
      failedCalls: failed,
      slowCalls: slow,
      slowCallsInFlight: hanging,
      failureRate: rate(failed, calls),
      slowCallRate: this.#inFlight === null ? null : rate(slow + hanging, calls + hanging),
      failureOrSlowRate: rate(failedOrSlow + hanging, calls + hanging),
    };
  }

  /** Rates are computed by division, because 7 / 100 is exactly the number 0.07. */
  #reason(hanging: number): OpenReason | undefined {
    const { calls, failed, slow, failedOrSlow } = this.#window;
    if (failed >= this.#failureCount) return 'failures_in_window';
    const { minimumCalls, failureRateThreshold, slowCallRateThreshold, failureOrSlowRateThreshold } = this.#options;
    if (failureRateThreshold !== null && calls >= minimumCalls && failed / calls >= failureRateThreshold) return 'failure_rate';
    const known = calls + hanging;
    if (known < minimumCalls) return undefined;
    // Without `slowCallDurationMs`, `slow` and `hanging` are 0.
    if (slowCallRateThreshold !== null && (slow + hanging) / known >= slowCallRateThreshold) return 'slow_call_rate';
    if (failureOrSlowRateThreshold !== null && (failedOrSlow + hanging) / known >= failureOrSlowRateThreshold)
      return 'failure_or_slow_rate';
    return undefined;
  }

  /** Advances the window to `now`. Returns the number of hanging calls. */
  #advance(now: number): number {
    this.#window.advance(now);
    if (this.#inFlight === null) return 0;
    this.#inFlight.advance(now);
    return this.#inFlight.slow;
  }
}

/** Returns the number of failures in the window that opens the circuit. */
function countOf({ failureThresholdCounts }: SlidingWindow, failureThreshold: number): number {
  return failureThresholdCounts === 'window' ? failureThreshold : Number.POSITIVE_INFINITY;
}
