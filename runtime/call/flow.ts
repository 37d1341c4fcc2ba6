import type { FuselineError } from '../errors/base.js';
import type { FuselineEvent } from '../observe/events.js';
import type { SafeTrace } from '../observe/safe-trace.js';
import type { Place, PlacedFlow } from '../policies/bulkhead/places.js';
import { nextCallNumber } from '../policies/circuit-breaker/calls.js';
import { REFUSED } from '../policies/circuit-breaker/transition.js';
import type { Seat } from '../policies/coalesce/flights.js';
import type { SharingFlow } from '../policies/coalesce/sharing.js';
import type { AnsweredFlow } from '../policies/fallback/answering.js';
import type { RateLane } from '../policies/rate-limit/rate-lane.js';
import type { LimitedFlow, Ticket } from '../policies/rate-limit/tokens.js';
import type { Expiry, Failure, Flow, Outcome } from '../policies/stage.js';
import type { DeadlineNode } from '../policies/timeout/deadline.js';
import { NOT_CAPTURED, quietly, type UserScope } from '../user-code.js';
import type { CompiledOperation } from './operation.js';
import type { Secrets } from './request/auth.js';
import { NO_BODY, type WrittenBody } from './request/body.js';
import { NO_SENDER, type Sender } from './request/sender.js';
import type { ParamValues } from './request/url.js';
import { NO_HEADERS, type RequestParts } from './request/write-request.js';
import type { CallSettings } from './settings.js';
import type { DispatcherLike, Redirect, TransportRequest } from './transport/types.js';
import { tellUnknownSender } from './unknown-sender.js';

/** A request that can be sent, and the transport that sends it. */
export interface ReadyRequest {
  readonly request: TransportRequest;
  readonly dispatcher: DispatcherLike;
}

/** The current attempt, or the last one. */
export interface AttemptHandle {
  /** Grows while its answer arrives. */
  readonly progress: number;
  /** True if its request waits for one of our own connections. */
  readonly lacksConnection: boolean;
  /** The redirects that it followed; undefined if there were none. */
  readonly redirect: Redirect | undefined;
  /** Called when the flow is over before the attempt has ended. Returns the outcome that the circuit counts. */
  leave(now: number, expiry: Expiry | undefined): Outcome;
  /** Aborts the request on the wire. */
  drop(): void;
}

/** A wait for a token or for the transport. `over` is true once the wait has ended or the flow has left. */
export interface Preparation {
  over: boolean;
  /** Removes the limit of the wait, if it has one. */
  disarm?(): void;
}

/** Headers of a response, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The state of one pass through the chain: of a call, or of a request that several calls share. */
export abstract class RequestFlow implements PlacedFlow, LimitedFlow, SharingFlow, AnsweredFlow, RequestParts {
  // The request.
  path = '';
  body: WrittenBody = NO_BODY;
  /** Names and values of the call's own headers, as they were when the call was made. */
  ownHeaders: readonly string[] = NO_HEADERS;
  senderName: string | undefined = undefined;
  sender: Sender = NO_SENDER;
  /** The request as text. Together with the sender, it is the key of the last good response. Empty if no response is kept. */
  cacheKey = '';
  /** The next request; undefined if it is not written yet, or an attempt has used it. */
  ready: ReadyRequest | undefined = undefined;
  preparation: Preparation | undefined = undefined;
  /** The secrets of the last attempt, if functions or sources of the user's gave them. */
  secrets: Secrets | undefined = undefined;
  /** The server refused the secrets of one attempt, and another was made with new ones. */
  signedAgain = false;
  /** The last attempt met a dead connection that was open before, so it says nothing about the service. */
  metDeadConnection = false;
  // The policies.
  phase: Flow['phase'] = 'preparing';
  attempts = 0;
  repeats = 0;
  waiting: DeadlineNode | undefined = undefined;
  permit = REFUSED;
  permitAt = 0;
  place: PlacedFlow['place'] = 'none';
  queued: Place | undefined = undefined;
  lane: RateLane | undefined = undefined;
  tokenAt = -1;
  ticket: Ticket | undefined = undefined;
  retry: Flow['retry'] = undefined;
  onWire = 0;
  seat: Seat | undefined = undefined;
  // The response.
  attempt: AttemptHandle | undefined = undefined;
  status: number | undefined = undefined;
  headers: AnswerHeaders | undefined = undefined;
  /** The JSON text of the response as received, for the last good response. */
  text: string | undefined = undefined;
  /** The asynchronous context in which the call was made. The user's code always runs in it. */
  user: UserScope = NOT_CAPTURED;
  /** Undefined if the client is not instrumented, or its instrumentation does not trace this call. */
  trace: SafeTrace | undefined = undefined;
  #idempotencyKey: string | undefined = undefined;
  #callNumber = 0;

  constructor(
    readonly op: CompiledOperation,
    readonly settings: CallSettings,
    readonly params: ParamValues,
    readonly signal: AbortSignal | undefined,
  ) {}

  abstract readonly over: boolean;
  abstract readonly until: number;
  /** True for a request that several calls share. */
  abstract readonly shared: boolean;
  abstract expire(now: number): void;
  abstract disarm(): void;
  /** Stops the total deadline while code is loaded that the call needs. */
  abstract pauseDeadline(now: number): void;
  /** Lets the total deadline run again, with the time that was left. */
  abstract resumeDeadline(now: number): void;
  abstract answered(value: unknown, source: 'cache' | 'fallback', now: number): void;
  /** Settles with the response of the server. */
  abstract finish(value: unknown, now: number): void;
  abstract fail(failure: Failure, now: number): void;

  get operation(): string {
    return this.op.operation.id;
  }

  /** True if the client or an instrumentation receives the call's events, in addition to the listeners of the registry. */
  get hears(): boolean {
    return this.trace !== undefined || this.op.client.onEvent !== undefined;
  }

  /** Drawn when an attempt fails: most calls need none. */
  get callNumber(): number {
    if (this.#callNumber === 0) this.#callNumber = nextCallNumber();
    return this.#callNumber;
  }

  /** Ends the wait for a token or for code, if the flow waits for one. Returns false if it does not. */
  endPreparation(): boolean {
    const { preparation } = this;
    if (preparation === undefined) return false;
    preparation.over = true;
    preparation.disarm?.();
    this.preparation = undefined;
    return true;
  }

  hear(event: FuselineEvent): void {
    this.trace?.event(event);
    const { onEvent } = this.op.client;
    if (onEvent !== undefined) quietly(this.user, onEvent, event);
  }

  get laneKey(): string {
    return this.sender.laneKey;
  }

  /** Returns the error of the last attempt as the `cause` for a new error; undefined if there is none. */
  causeOption(): { readonly cause: unknown } | undefined {
    const last = this.retry?.last;
    return last === undefined ? undefined : { cause: last };
  }

  /** Returns the idempotency key of the call. It is the same for every attempt. */
  idempotencyKey(): string {
    this.#idempotencyKey ??= crypto.randomUUID();
    return this.#idempotencyKey;
  }

  keptAnswer(maxAgeMs: number | null, now: number): { readonly value: unknown; readonly ageMs: number } | undefined {
    if (this.cacheKey === '' || this.sender.sharing === 'none') return undefined;
    const { client } = this.op;
    // The instrumentation would have named the sender, if the request had been sent.
    if (client.signedByTrace && this.trace !== undefined && !this.sender.whole) return undefined;
    const kept = client.lastGood.get(this.sender.keptUnder, this.cacheKey, now, maxAgeMs);
    return kept === undefined ? undefined : { value: JSON.parse(kept.text), ageMs: kept.ageMs };
  }

  /** Keeps the response for calls whose fallback uses the last good response. */
  protected keepAnswer(now: number): void {
    if (this.cacheKey === '' || this.text === undefined) return;
    if (this.sender.sharing === 'none') tellUnknownSender(this.op, this.sender, 'lastGood');
    else this.op.client.lastGood.put(this.sender.keptUnder, this.cacheKey, this.text, now);
  }

  /** Copies the written request of another flow. */
  protected adopt(other: RequestFlow): void {
    this.path = other.path;
    this.body = other.body;
    this.ownHeaders = other.ownHeaders;
    this.sender = other.sender;
    this.senderName = other.senderName;
    this.cacheKey = other.cacheKey;
    this.trace = other.trace;
    this.user = other.user;
    this.ready = other.ready;
    this.secrets = other.secrets;
    this.#idempotencyKey = other.#idempotencyKey;
  }
}

/** Returns a failure of the call itself, not of the service. The circuit does not count it, and no fallback replaces it. */
export function ownFailure(error: FuselineError): Failure {
  return {
    error,
    cause: error.kind,
    outcome: 'released',
    timedOut: false,
    refused: false,
    transient: false,
    neverSent: true,
    throttled: false,
    waitMs: undefined,
    answerable: false,
  };
}
