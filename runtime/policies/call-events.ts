import type { RefusalReason } from '../errors/refusal-reason.js';
import type { Audience, EventHub } from '../observe/event-hub.js';
import type { CircuitBreaker } from './circuit-breaker/breaker.js';

/** Emits the events of the calls of one operation or function. If nothing listens, no event is made. */
export class CallEvents {
  readonly #circuit: CircuitBreaker;
  readonly #operation: string;
  readonly #isNamed: boolean;
  readonly #events: EventHub;

  /** `isNamed`: false if the user gave the work no name. Then the events of single attempts name no operation. */
  constructor(circuit: CircuitBreaker, operation: string, isNamed = true) {
    this.#circuit = circuit;
    this.#operation = operation;
    this.#isNamed = isNamed;
    this.#events = circuit.events;
  }

  /** An attempt failed and will count. Emitted before the circuit acts on the failure, so that the cause precedes the effect. */
  failed(call: Audience, cause: string): void {
    if (this.#unheard(call)) return;
    const failureCount = this.#circuit.failureCount + 1;
    const threshold = this.#circuit.options.failureThreshold;
    this.#events.emit({ type: 'call_failed', ...this.#attemptBase(), failureCount, threshold, cause }, call);
  }

  /** The circuit refused a call. */
  rejected(call: Audience, retryAfterMs: number, reason: RefusalReason, dependency: string | undefined): void {
    if (this.#unheard(call)) return;
    const because = dependency === undefined ? {} : { dependency };
    this.#events.emit({ type: 'call_rejected', ...this.#attemptBase(), retryAfterMs, reason, ...because }, call);
  }

  /** Attempt number `attempt` follows after `delayMs`. */
  retry(call: Audience, attempt: number, delayMs: number, cause: string): void {
    if (this.#unheard(call)) return;
    this.#events.emit({ type: 'retry_scheduled', ...this.#base(), attempt, delayMs, cause }, call);
  }

  /** Something else answered. */
  fallbackUsed(call: Audience, source: 'cache' | 'fallback', cause: string): void {
    if (this.#unheard(call)) return;
    this.#events.emit({ type: 'fallback_used', ...this.#base(), source, cause }, call);
  }

  /** A bulkhead or a rate limiter refused a call. */
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
