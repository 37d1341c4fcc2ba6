import { RequestError } from '../errors/call-errors.js';
import type { Flight, Seat, Work } from '../policies/coalesce/flights.js';
import type { Sharer } from '../policies/coalesce/sharing.js';
import type { Failure, Link } from '../policies/stage.js';
import { ownFailure, type RequestFlow } from './flow.js';
import type { Prepared, Preparing } from './preparing.js';
import { SharedRequest } from './shared-request.js';
import { tellUnknownSender } from './unknown-sender.js';

/** Decides which calls of an operation can share a request, and creates the shared request. */
export class RequestSharer implements Sharer<RequestFlow> {
  readonly #preparing: Preparing;
  /** The link of coalescing. Shared requests enter at its inner neighbour. Set once the link exists. */
  link: Link<RequestFlow> | undefined;

  constructor(preparing: Preparing) {
    this.#preparing = preparing;
  }

  prepare(flow: RequestFlow, now: number, next: Prepared): void {
    this.#preparing.prepare(flow, now, next);
  }

  keyOf(flow: RequestFlow): string | undefined {
    const request = flow.ready?.request;
    if (request === undefined) return undefined;
    if (flow.sender.sharing !== 'sender') {
      tellUnknownSender(flow.op, flow.sender, 'coalesce');
      return undefined;
    }
    const { path, body } = request;
    // Files and streams have no text to tell one request from another.
    if (body !== null && typeof body !== 'string') return undefined;
    return body === null ? path : `${path}\n${body}`;
  }

  senderOf(flow: RequestFlow): string {
    return flow.sender.identity;
  }

  seat(
    flow: RequestFlow,
    landed: (flow: RequestFlow, value: unknown, now: number) => void,
    failed: (flow: RequestFlow, failure: Failure, now: number) => void,
  ): Seat {
    return new CallSeat(flow, landed, failed);
  }

  sharedRequest(flight: Flight, first: RequestFlow): RequestFlow {
    if (this.link === undefined) throw new Error('unreachable: the chain is complete');
    const shared = new SharedRequest(flight, first, this.link.inner);
    // The first attempt uses the request that was written for the first call.
    first.ready = undefined;
    return shared;
  }
}

/** A call's seat in a flight. */
class CallSeat implements Seat {
  flight: Flight | undefined = undefined;
  readonly #flow: RequestFlow;
  readonly #landed: (flow: RequestFlow, value: unknown, now: number) => void;
  readonly #failed: (flow: RequestFlow, failure: Failure, now: number) => void;

  constructor(
    flow: RequestFlow,
    landed: (flow: RequestFlow, value: unknown, now: number) => void,
    failed: (flow: RequestFlow, failure: Failure, now: number) => void,
  ) {
    this.#flow = flow;
    this.#landed = landed;
    this.#failed = failed;
  }

  get until(): number {
    return this.#flow.until;
  }

  onLanded(value: unknown, work: Work | undefined): void {
    this.#landed(this.#flow, value, this.#takeOver(work));
  }

  onFailed(error: unknown, work: Work | undefined): void {
    const now = this.#takeOver(work);
    this.#failed(this.#flow, isFailure(error) ? error : uncopied(this.#flow, error), now);
  }

  /** Takes over the end of the shared request for this call. Returns the time at which the request ended. */
  #takeOver(work: Work | undefined): number {
    const shared = work as SharedRequest;
    const flow = this.#flow;
    flow.attempts = shared.attempts;
    flow.headers = shared.headers;
    flow.status = shared.status;
    return shared.settledAt ?? flow.op.client.clock.now();
  }
}

function isFailure(error: unknown): error is Failure {
  return typeof error === 'object' && error !== null && 'outcome' in error;
}

/** Returns the failure of a call for which the response could not be copied. */
function uncopied(flow: RequestFlow, error: unknown): Failure {
  return ownFailure(new RequestError(flow.op.place, 'the answer cannot be copied for each of its callers', { cause: error }));
}
