import type { RefusalReason } from '../errors/refusal-reason.js';
import type { Audience, EventHub } from '../observe/event-hub.js';
import type { CircuitBreaker } from './circuit-breaker/breaker.js';

/** Emits the events of the calls of one operation or function. Creates no event if there is no listener. */
export class CallEvents {
  readonly #circuit: CircuitBreaker;
  readonly #operation: string;
  readonly #isNamed: boolean;
  readonly #events: EventHub;

  /** `isNamed` is false if the user gave the work no name. The events of single attempts then have no `operation`. */
  constructor(circuit: CircuitBreaker, operation: string, isNamed = true) {
    this.#circuit = circuit;
    this.#operation = operation;
    this.#isNamed = isNamed;
    this.#events = circuit.events;
  }

  /** Reports an attempt that counts as a failure. Called before the circuit counts it, so that this event precedes the opening of the circuit. */
  failed(call: Audience, cause: string): void {
    if (this.#unheard(call)) return;
    const failureCount = this.#circuit.failureCount + 1;
    const threshold = this.#circuit.options.failureThreshold;
    this.#events.emit({ type: 'call_failed', ...this.#attemptBase(), failureCount, threshold, cause }, call);
  }

  /** Reports a call that the circuit refused. */
  rejected(call: Audience, retryAfterMs: number, reason: RefusalReason, dependency: string | undefined): void {
    if (this.#unheard(call)) return;
    const because = dependency === undefined ? {} : { dependency };
    this.#events.emit({ type: 'call_rejected', ...this.#attemptBase(), retryAfterMs, reason, ...because }, call);
  }

  /** Reports that attempt number `attempt` follows after `delayMs` milliseconds. */
  retry(call: Audience, attempt: number, delayMs: number, cause: string): void {
    if (this.#unheard(call)) return;
    this.#events.emit({ type: 'retry_scheduled', ...this.#base(), attempt, delayMs, cause }, call);
  }

  /** Reports a call for which a fallback supplied the result. */
  fallbackUsed(call: Audience, source: 'cache' | 'fallback', cause: string): void {
    if (this.#unheard(call)) return;
    this.#events.emit({ type: 'fallback_used', ...this.#base(), source, cause }, call);
  }

  /** Reports a call that a bulkhead or a rate limiter refused. */
  limited(call: Audience, policy: 'bulkhead' | 'rate_limit', retryAfterMs: number): void {
    if (this.#unheard(call)) return;
    this.#events.emit({ type: 'call_limited', ...this.#base(), policy, retryAfterMs }, call);
  }

  #unheard({ hears }: Audience): boolean {
    return this.#events.silent && !hears;
  }

  #attemptBase(): { circuit: string; service: string; operation: string | undefined; at: number } {
    const base = this.#base();
    return this.#isNamed ? base : { ...base, operation: undefined };
  }

  #base(): { circuit: string; service: string; operation: string; at: number } {
    const { name, service, clock } = this.#circuit;
    return { circuit: name, service, operation: this.#operation, at: clock.wallNow() };
  }
}
