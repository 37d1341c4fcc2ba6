import { Call } from '../../../runtime/call/call.js';
import type { Compiled } from '../../../runtime/call/client/core.js';
import type { ParamValues } from '../../../runtime/call/request/url.js';
import { LIMITED } from '../../../runtime/policies/queue/queued-flow.js';
import type { Failure } from '../../../runtime/policies/stage.js';
import { FIELD, type Series } from './series.js';
import type { Tally } from './tally.js';

/**
 * A call of the runtime's own pipeline, from the bulkhead to the fallback. It reports its outcome to a tally instead of settling a promise.
 * It contains no rules of policies.
 */
export class SimulatedCall extends Call {
  readonly #tally: Tally;
  readonly #series: Series;
  readonly #startedAt: number;

  constructor({ op, chains }: Compiled, params: ParamValues, tally: Tally, series: Series) {
    super(op, chains.entrance(op.settings.coalesces), op.settings, params, undefined);
    this.#tally = tally;
    this.#series = series;
    this.#startedAt = op.client.clock.now();
    // All calls share these functions. Two closures per call would cost more than all other work of the simulation.
    this.resolve = answered;
    this.reject = refused;
    tally.calls++;
    series.add(FIELD.calls, this.#startedAt);
  }

  /** @internal A simulation reads only the kind of the error of a refused call, and making the error costs as much as the rest of such a call. */
  override fail(failure: Failure, now: number): void {
    const isRefused = failure.cause === 'circuit_open' && this.attempts === 0;
    super.fail(isRefused ? { ...REFUSAL, error: REFUSED } : failure, now);
  }

  /** @internal */
  ended(error: { readonly kind: string } | undefined): void {
    const tally = this.#tally;
    const series = this.#series;
    const now = this.op.client.clock.now();
    const waitMs = now - this.#startedAt;
    tally.waited(waitMs);
    series.waited(waitMs, now);
    tally.attempts += this.attempts;
    if (this.attempts > 1) tally.retries += this.attempts - 1;
    if (error !== undefined) {
      tally.error(error.kind);
      series.add(FIELD.failed, now);
    } else if (this.source === 'network') {
      tally.network++;
      series.add(FIELD.served, now);
    } else {
      if (this.source === 'cache') tally.cache++;
      else tally.fallback++;
      series.add(FIELD.fallback, now);
    }
  }
}

/** The failure of a call that the circuit refused before its first attempt. */
const REFUSAL: Omit<Failure, 'error'> = { ...LIMITED, cause: 'circuit_open' };
const REFUSED = { kind: 'circuit_open' };

/** Called as a method of the call: `call.resolve(value)`. */
function answered(this: unknown): void {
  (this as SimulatedCall).ended(undefined);
}

function refused(this: unknown, error: unknown): void {
  (this as SimulatedCall).ended(error as { readonly kind: string });
}
