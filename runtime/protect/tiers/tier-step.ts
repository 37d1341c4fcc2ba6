import type { Clock } from '../../clock.js';
import { CircuitOpenError } from '../../errors/call-errors.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenReadable, refuseUnreadable } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import type { TierFailure } from '../../errors/tiers-error.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { CURRENT, type UserFunction, userFunction } from '../../user-code.js';
import { protection } from '../protect.js';
import type { ProtectOptions } from '../protect-options.js';
import type { FunctionToRun } from '../run.js';
import type { Tier, TiersOptions } from './options.js';
import { circuitOf } from './select-provider.js';
import { TierCounters } from './tier-metrics.js';

const NAMES = namesOf<Tier>({ name: 1, run: 1, circuit: 1, breaker: 1, timeoutMs: 1, retry: 1, isFailure: 1, minQuality: 1 });

/** One tier, ready to be tried. */
export class TierStep<T> {
  readonly name: string;
  readonly counters = new TierCounters();
  readonly #circuit: (() => CircuitBreaker) | undefined;
  readonly #start: (args: readonly unknown[], signal: AbortSignal | undefined) => Promise<T>;
  readonly #quality: UserFunction<NonNullable<TiersOptions<T>['quality']>> | undefined;
  readonly #minQuality: number | undefined;

  constructor(tier: Tier, at: number, options: TiersOptions<T>, passing: CircuitBreaker) {
    const place = `tiers[${at}]`;
    givenReadable(place, tier);
    if (typeof tier?.name !== 'string' || tier.name === '') throw new ConfigurationError(`${place}.name`, tier?.name, 'a name');
    if (typeof tier.run !== 'function') throw new ConfigurationError(`${place}.run`, tier.run, 'a function');
    refuseUnknown('a tier', tier, NAMES, `${place}.`);
    refuseUnreadable(tier, `${place}.`);
    const { name, run, breaker, circuit, timeoutMs, retry, isFailure } = tier;
    this.name = name;
    this.#quality = options.quality === undefined ? undefined : userFunction(options.quality);
    this.#minQuality = minimum(`${place}.minQuality`, tier.minQuality, options) ?? minimum('minQuality', options.minQuality, options);
    const asked = circuit ?? breaker;
    if (circuit !== undefined && !isSource(circuit))
      throw new ConfigurationError(
        `${place}.circuit`,
        circuit,
        'a client, a CircuitBreaker, or an object with one as `circuit` or `breaker`',
      );
    this.#circuit = asked === undefined ? undefined : () => circuitOf(asked, `${place}.circuit`);
    const policy = { breaker: breaker ?? passing, name, timeoutMs, retry, isFailure } as ProtectOptions<never, never>;
    this.#start = protection<T>(run as FunctionToRun, policy, `${place}.`, true);
  }

  async try(args: readonly unknown[], signal: AbortSignal, clock: Clock): Promise<TierFailure | { readonly answer: T }> {
    const tier = this.name;
    try {
      if (this.#circuit !== undefined && !this.#circuit().admits) return this.#failed({ tier, reason: 'circuit_open', durationMs: 0 });
    } catch (error) {
      // The circuit can come from a function of the user's. Without it, this tier cannot be tried, but the next one can.
      // Nothing ran, so it is counted as skipped.
      this.#failed({ tier, reason: 'circuit_open', durationMs: 0 });
      return { tier, reason: 'error', error, durationMs: 0 };
    }
    const startedAt = clock.now();
    this.counters.attempts++;
    let answer: T;
    try {
      answer = await this.#start(args, signal);
    } catch (error) {
      const durationMs = clock.now() - startedAt;
      if (signal.aborted) this.counters.aborted++;
      else if (!(error instanceof CircuitOpenError)) return this.#failed({ tier, reason: 'error', error, durationMs });
      const failure: TierFailure = { tier, reason: 'circuit_open', error, durationMs };
      return signal.aborted ? failure : this.#failed(failure);
    }
    const verdict = await this.#judge(answer);
    const durationMs = clock.now() - startedAt;
    if (signal.aborted) {
      this.counters.aborted++;
      return { tier, reason: 'error', error: signal.reason, durationMs };
    }
    if (verdict !== undefined) return this.#failed({ tier, reason: 'low_quality', durationMs, ...verdict });
    this.counters.answered(durationMs);
    return { answer };
  }

  /** Returns undefined if the answer is good enough. */
  async #judge(answer: T): Promise<Pick<TierFailure, 'quality' | 'minQuality' | 'error'> | undefined> {
    const minQuality = this.#minQuality;
    if (minQuality === undefined || this.#quality === undefined) return undefined;
    try {
      const quality = await CURRENT.call(this.#quality, answer, this.name);
      if (typeof quality !== 'number' || Number.isNaN(quality)) return { minQuality };
      return quality >= minQuality ? undefined : { quality, minQuality };
    } catch (error) {
      return { minQuality, error };
    }
  }

  #failed(failure: TierFailure): TierFailure {
    this.counters.failed(failure);
    return failure;
  }
}

/** Checks only the shape of the source: a client has no circuit before its first call. */
function isSource(value: unknown): boolean {
  return typeof value === 'object' && value !== null && ('enter' in value || 'circuit' in value || 'breaker' in value);
}

function minimum<T>(option: string, given: number | undefined, { quality }: TiersOptions<T>): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'number' || Number.isNaN(given)) throw new ConfigurationError(option, given, 'a number');
  if (quality === undefined) throw new ConfigurationError('quality', quality, `a function, because ${option} is set`);
  return given;
}
