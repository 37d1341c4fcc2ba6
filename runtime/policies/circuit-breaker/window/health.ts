import type { WindowSnapshot } from '../../../observe/circuit-words.js';
import type { BreakerOptions } from '../options.js';
import type { OpenReason } from '../state.js';
import { type CallWindow, FAILED, SLOW } from './call-window.js';
import { CountWindow } from './count-window.js';
import { InFlight } from './in-flight.js';
import type { SlidingWindow } from './options.js';
import { TimeWindow } from './time-window.js';

/** The measured health of one closed period: what its calls came to, and whether that opens the circuit. */
export class HealthWindow {
  #options: SlidingWindow;
  #failureCount: number;
  readonly #slowMs: number;
  readonly #window: CallWindow;
  readonly #inFlight: InFlight | null;
  #epoch = 0;

  constructor(options: SlidingWindow, failureThreshold: number) {
    this.#options = options;
    this.#failureCount = countOf(options, failureThreshold);
    this.#slowMs = options.slowCallDurationMs ?? Number.POSITIVE_INFINITY;
    this.#window = options.type === 'count' ? new CountWindow(options.size) : new TimeWindow(options.durationMs, options.slots);
    this.#inFlight = options.slowCallDurationMs === null ? null : new InFlight(options.slowCallDurationMs);
  }

  /** Other thresholds for the calls that are in the window; what it holds stays, so `slidingWindow` must be of the same calls (`sameCalls`). */
  retune({ slidingWindow = this.#options, failureThreshold }: Pick<BreakerOptions, 'slidingWindow' | 'failureThreshold'>): void {
    this.#options = slidingWindow;
    this.#failureCount = countOf(slidingWindow, failureThreshold);
  }

  /** A call begins. Returns its permit: that of the period, with a fraction where calls in flight are counted. */
  enter(now: number): number {
    return this.#inFlight === null ? this.#epoch : this.#inFlight.enter(this.#epoch, now);
  }

  /** A call ended without a verdict, or when its period was over. */
  forget(permit: number): void {
    if (Math.floor(permit) === this.#epoch) this.#inFlight?.exit(permit);
  }

  /** A call of this period ended. */
  record(permit: number, failed: boolean, durationMs: number, now: number): void {
    this.#inFlight?.exit(permit);
    this.#window.record((failed ? FAILED : 0) | (durationMs >= this.#slowMs ? SLOW : 0), now);
  }

  /** Does anything hang, so that the circuit may have to open although no call ends? */
  hangs(now: number): boolean {
    if (this.#inFlight === null) return false;
    this.#inFlight.advance(now);
    return this.#inFlight.slow > 0;
  }

  /** Why the circuit must open, or undefined. Divides instead of multiplying: 7 of 100 is then exactly the rate 0.07. */
  verdict(now: number): OpenReason | undefined {
    const hanging = this.#advance(now);
    const { calls, failed, slow, failedOrSlow } = this.#window;
    if (failed >= this.#failureCount) return 'failures_in_window';
    const { minimumCalls, failureRateThreshold, slowCallRateThreshold, failureOrSlowRateThreshold } = this.#options;
    if (failureRateThreshold !== null && calls >= minimumCalls && failed / calls >= failureRateThreshold) return 'failure_rate';
    const known = calls + hanging;
    if (known < minimumCalls) return undefined;
    // Where nothing says what slow is, no call is.
    if (slowCallRateThreshold !== null && (slow + hanging) / known >= slowCallRateThreshold) return 'slow_call_rate';
    if (failureOrSlowRateThreshold !== null && (failedOrSlow + hanging) / known >= failureOrSlowRateThreshold)
      return 'failure_or_slow_rate';
    return undefined;
  }

  /** Begins anew: the period `epoch`. */
  clear(epoch: number, now: number): void {
    this.#epoch = epoch;
    this.#window.clear();
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

  /** Brings everything to `now`. Returns how many calls hang. */
  #advance(now: number): number {
    this.#window.advance(now);
    if (this.#inFlight === null) return 0;
    this.#inFlight.advance(now);
    return this.#inFlight.slow;
  }
}

/** Failures in the window that open the circuit. */
function countOf({ failureThresholdCounts }: SlidingWindow, failureThreshold: number): number {
  return failureThresholdCounts === 'window' ? failureThreshold : Number.POSITIVE_INFINITY;
}
