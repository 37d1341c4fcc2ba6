import type { FuselineError } from '../errors/base.js';
import type { Bulkhead } from '../policies/bulkhead/bulkhead.js';
import { type Coalescer, Seat } from '../policies/coalesce/coalesce.js';
import { Waiter } from '../policies/queue/wait-queue.js';
import type { RateLane } from '../policies/rate-limit/rate-lane.js';
import type { RateLimiter } from '../policies/rate-limit/rate-limiter.js';
import { startDeadline } from '../policies/timeout/deadline.js';
import type { Attempt } from './attempt.js';
import type { Call } from './call.js';
import { emitLimited } from './call-events.js';
import { fallBack, outOfTime, rateLimited } from './giving-up.js';
import { prepareAttempt } from './preparing.js';
import { tenantKey } from './request/tenant-key.js';
import { send } from './sending.js';
import { SharedWork } from './shared-work.js';
import type { DispatcherLike, TransportHandler, TransportRequest } from './transport/types.js';
import { Watched } from './watched.js';

/** What limits the calls of an operation. */
export interface Limits {
  readonly bulkhead: Bulkhead | undefined;
  readonly limiter: RateLimiter | undefined;
}

/**
 * What a call holds of the limits it is under: its place in the bulkhead, its token, its seat in a shared flight, or its place in line for one
 * of them. A call whose operation has no limits has no guard.
 */
export class Guard extends Waiter {
  readonly #call: Call;
  readonly #limits: Limits;
  /** Where equal reads share a request. */
  readonly #coalescer: Coalescer | undefined;
  readonly #totalAt: number;
  /** The call and each of its requests on the wire hold the one place; it is given back with the last of them. */
  #holders = 0;
  #lane: RateLane | undefined;
  #paid = false;
  #seat: CallSeat | undefined;
  #ended = false;
  /** What is sent as soon as there is a token; undefined while it waits for a place. */
  #ready: { readonly request: TransportRequest; readonly dispatcher: DispatcherLike } | undefined;

  constructor(call: Call, limits: Limits, coalescer: Coalescer | undefined, totalAt: number) {
    super();
    this.#call = call;
    this.#limits = limits;
    this.#coalescer = coalescer;
    this.#totalAt = totalAt;
  }

  /** A place in the bulkhead. False where the call waits for it, or was refused; `proceed` follows the wait. */
  admit(now: number): boolean {
    const { bulkhead } = this.#limits;
    // Calls that share a request share its place: the flight takes it.
    if (bulkhead === undefined || this.#coalescer !== undefined) return true;
    if (bulkhead.enter()) {
      this.#holders = 1;
      return true;
    }
    const maxWaitMs = this.#call.op.policy.bulkheadMaxWaitMs ?? Number.POSITIVE_INFINITY;
    const remaining = this.#totalAt - now;
    if (bulkhead.wait(this, Math.min(maxWaitMs, remaining), now, maxWaitMs <= remaining)) return false;
    this.#full(bulkhead, 'queue_full', now);
    return false;
  }

  /** A token for the request, or a seat where others have sent it. False where the call waits, or was refused; `send` follows the wait for a token. */
  pass(request: TransportRequest, dispatcher: DispatcherLike, now: number): boolean {
    const { limiter } = this.#limits;
    const { op } = this.#call;
    if (this.#coalescer !== undefined && isShareable(request) && this.#call.sender.sharing !== 'none' && !op.core.signedByTrace) {
      this.#share(this.#coalescer, request, dispatcher, now);
      return false;
    }
    if (limiter === undefined) return true;
    const lane = limiter.lane(tenantKey(this.#call.sender.identity, op.operation));
    this.#lane = lane;
    this.#paid = lane.enter(now);
    // Nobody waits for a token to be refused by an open circuit.
    if (this.#paid || op.breaker.retryAfterMs(now) > 0) return true;
    this.#ready = { request, dispatcher };
    const retryAfterMs = lane.wait(this, Math.min(op.policy.rateLimitMaxWaitMs ?? Number.POSITIVE_INFINITY, this.#totalAt - now), now);
    if (retryAfterMs > 0) this.#limited(limiter, retryAfterMs, now);
    return false;
  }

  /** The token's request was not sent. */
  refund(): void {
    if (!this.#paid) return;
    this.#paid = false;
    this.#lane?.refund();
  }

  /** The handler that the transport gets for an attempt: it tells when the request has really ended, and what the answer says of the limit. */
  watch(attempt: Attempt): TransportHandler {
    this.#paid = false;
    if (this.#holders > 0) this.#holders++;
    return new Watched(attempt, this);
  }

  /** @internal */
  heard(status: number, headers: Record<string, string | string[] | undefined>): void {
    if (this.#lane !== undefined) this.#limits.limiter?.heard(this.#lane, status, headers);
  }

  /** The call, or one of its requests, holds the place no longer. */
  letGo(): void {
    if (this.#holders === 0) return;
    this.#holders--;
    if (this.#holders === 0) this.#limits.bulkhead?.leave();
  }

  /** The call is over: it waits for nothing more. Its place is held on while a request of its is still on the wire. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#seat?.leave();
    if (this.queue !== undefined) {
      if (this.#ready === undefined) this.#limits.bulkhead?.withdraw(this);
      else this.#lane?.withdraw(this);
    }
    this.letGo();
  }

  override onGranted(now: number): void {
    const ready = this.#ready;
    if (ready === undefined) {
      this.#holders = 1;
      prepareAttempt(this.#call, now);
      return;
    }
    this.#ready = undefined;
    this.#paid = true;
    send(this.#call, ready.request, ready.dispatcher, now);
  }

  override onRefused(retryAfterMs: number, now: number): void {
    const { bulkhead, limiter } = this.#limits;
    if (this.#ready !== undefined) {
      this.#ready = undefined;
      if (limiter !== undefined) this.#limited(limiter, retryAfterMs, now);
    } else if (now >= this.#totalAt) outOfTime(this.#call, 'queued', now);
    else if (bulkhead !== undefined) this.#full(bulkhead, 'wait_timeout', now);
  }

  #full(bulkhead: Bulkhead, reason: 'queue_full' | 'wait_timeout', now: number): void {
    const { op } = this.#call;
    op.stats.limited++;
    emitLimited(this.#call, 'bulkhead', 0);
    fallBack(this.#call, bulkhead.fullError(reason, op.place), now);
  }

  #limited(limiter: RateLimiter, retryAfterMs: number, now: number): void {
    const { op } = this.#call;
    op.stats.limited++;
    emitLimited(this.#call, 'rate_limit', retryAfterMs);
    rateLimited(this.#call, limiter.limitedError(retryAfterMs, op.place), now);
  }

  #share(coalescer: Coalescer, request: TransportRequest, dispatcher: DispatcherLike, now: number): void {
    const call = this.#call;
    const { op } = call;
    const seat = new CallSeat(call);
    this.#seat = seat;
    const remaining = this.#totalAt - now;
    if (remaining <= 0) {
      outOfTime(call, 'preparing', now);
      return;
    }
    if (remaining === Number.POSITIVE_INFINITY) seat.expiresAt = remaining;
    else startDeadline(op.core.clock, seat, remaining, now, false);
    const key = `${op.operation.id}\n${request.method} ${request.origin}${request.path}\n${request.body ?? ''}\n${call.sender.identity}`;
    coalescer.join(key, seat, (flight) => {
      const work = new SharedWork(call, flight);
      const { bulkhead, limiter } = this.#limits;
      const limited = bulkhead !== undefined || limiter !== undefined;
      work.launch(limited ? new Guard(work, this.#limits, undefined, Number.POSITIVE_INFINITY) : undefined, request, dispatcher, now);
    });
  }
}

/** Files and streams have no text to tell one request from another. */
function isShareable({ body }: TransportRequest): boolean {
  return body === null || typeof body === 'string';
}

/** A call in a shared flight. */
class CallSeat extends Seat {
  constructor(readonly call: Call) {
    super();
  }

  override onLanded(value: unknown, work: unknown): void {
    this.call.tellOf(work as Call);
    this.call.finish(value, endOf(work as Call));
  }

  override onFailed(error: unknown, work: unknown): void {
    this.call.tellOf(work as Call);
    fallBack(this.call, error as FuselineError, endOf(work as Call));
  }

  override onDeadline(now: number): void {
    if (this.leave(true)) outOfTime(this.call, 'waiting', now);
  }
}

/** When the shared work ended. */
function endOf({ settledAt, op }: Call): number {
  return settledAt ?? op.core.clock.now();
}
