import type { FuselineError } from '../errors/base.js';
import type { FuselineEvent } from '../observe/events.js';
import type { SafeTrace } from '../observe/safe-trace.js';
import type { Place, PlacedFlow } from '../policies/bulkhead/places.js';
import { REFUSED } from '../policies/circuit-breaker/transition.js';
import type { Seat } from '../policies/coalesce/coalesce.js';
import type { SharingFlow } from '../policies/coalesce/sharing.js';
import type { AnsweredFlow } from '../policies/fallback/answering.js';
import type { RateLane } from '../policies/rate-limit/rate-lane.js';
import type { LimitedFlow, Ticket } from '../policies/rate-limit/tokens.js';
import type { RetryState } from '../policies/retry/retry-state.js';
import type { Expiry, Failure, Flow, Outcome } from '../policies/stage.js';
import type { DeadlineNode } from '../policies/timeout/deadline.js';
import { NOT_CAPTURED, quietly, type UserScope } from '../user-code.js';
import type { CallOptions } from './client/options.js';
import type { CompiledOperation } from './operation.js';
import type { Secrets } from './request/auth.js';
import { NO_BODY, type WrittenBody } from './request/body.js';
import { NO_SENDER, type Sender } from './request/sender.js';
import type { ParamValues } from './request/url.js';
import type { RequestParts } from './request/write-request.js';
import type { CallSettings } from './settings.js';
import type { DispatcherLike, TransportRequest } from './transport/types.js';

/** A request that can be sent, and the transport that sends it. */
export interface ReadyRequest {
  readonly request: TransportRequest;
  readonly dispatcher: DispatcherLike;
}

/** The attempt under way, or the last. */
export interface AttemptHandle {
  /** The flow is over before the attempt is. Returns what the circuit is to count. */
  leave(now: number, expiry: Expiry | undefined): Outcome;
  /** Ends the request on the wire. */
  drop(): void;
}

/** A wait for a token or for the transport. Over once the flow has left. */
export interface Preparation {
  over: boolean;
}

/** Headers of an answer, names in lower case. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Everything that belongs to one way through the chain: that of a call, or of a request that several calls share. */
export abstract class RequestFlow implements PlacedFlow, LimitedFlow, SharingFlow, AnsweredFlow, RequestParts {
  // Of the request.
  path = '';
  body: WrittenBody = NO_BODY;
  senderName: string | undefined = undefined;
  sender: Sender = NO_SENDER;
  /** The request as text. With the sender, it is the key of the last good response. Empty if no response is kept. */
  cacheKey = '';
  /** The next request, and whether an attempt has used it. */
  ready: ReadyRequest | undefined = undefined;
  preparation: Preparation | undefined = undefined;
  /** The secrets of the last attempt, if functions or sources of the user's gave them. */
  secrets: Secrets | undefined = undefined;
  /** The server refused the secrets of one attempt, and another was made with new ones. */
  signedAgain = false;
  // Of the policies.
  phase: Flow['phase'] = 'preparing';
  attempts = 0;
  waiting: DeadlineNode | undefined = undefined;
  permit = REFUSED;
  permitAt = 0;
  place: PlacedFlow['place'] = 'none';
  queued: Place | undefined = undefined;
  lane: RateLane | undefined = undefined;
  tokenAt = -1;
  ticket: Ticket | undefined = undefined;
  retry: RetryState | undefined = undefined;
  onWire = 0;
  seat: Seat | undefined = undefined;
  // Of the answer.
  attempt: AttemptHandle | undefined = undefined;
  status: number | undefined = undefined;
  headers: AnswerHeaders | undefined = undefined;
  /** The answer's JSON as it came, for the last good response. */
  text: string | undefined = undefined;
  /** The context in which the call was made: the user's code runs in it, whenever it runs. */
  user: UserScope = NOT_CAPTURED;
  /** Set if the client is instrumented and follows this call. */
  trace: SafeTrace | undefined = undefined;
  #idempotencyKey: string | undefined = undefined;

  constructor(
    readonly op: CompiledOperation,
    readonly settings: CallSettings,
    readonly params: ParamValues,
    readonly options: CallOptions | undefined,
  ) {}

  abstract readonly over: boolean;
  abstract readonly until: number;
  /** True for a request that several calls share. */
  abstract readonly shared: boolean;
  abstract expire(now: number): void;
  abstract disarm(): void;
  abstract answered(value: unknown, source: 'cache' | 'fallback', now: number): void;
  /** Settles with the server's answer. */
  abstract finish(value: unknown, now: number): void;
  abstract fail(failure: Failure, now: number): void;

  get operation(): string {
    return this.op.operation.id;
  }

  get signal(): AbortSignal | undefined {
    return this.options?.signal;
  }

  /** Whether the client or an instrumentation receives the call's events, besides the registry's listeners. */
  get hears(): boolean {
    return this.trace !== undefined || this.op.client.onEvent !== undefined;
  }

  hear(event: FuselineEvent): void {
    this.trace?.event(event);
    const { onEvent } = this.op.client;
    if (onEvent !== undefined) quietly(this.user, onEvent, event);
  }

  get laneKey(): string {
    return this.sender.laneKey;
  }

  /** The error of the last attempt, as the cause of one that follows from it. */
  causeOption(): { readonly cause: unknown } | undefined {
    const last = this.retry?.last;
    return last === undefined ? undefined : { cause: last };
  }

  /** One key per logical call, the same on every attempt. */
  idempotencyKey(): string {
    this.#idempotencyKey ??= crypto.randomUUID();
    return this.#idempotencyKey;
  }

  keptAnswer(maxAgeMs: number | null, now: number): { readonly value: unknown; readonly ageMs: number } | undefined {
    if (this.cacheKey === '') return undefined;
    const kept = this.op.client.lastGood.get(this.sender.keptUnder, this.cacheKey, now, maxAgeMs);
    return kept === undefined ? undefined : { value: JSON.parse(kept.text), ageMs: kept.ageMs };
  }

  /** Keeps the answer for calls whose fallback asks for it. */
  protected keepAnswer(now: number): void {
    if (this.cacheKey === '' || this.text === undefined || this.sender.sharing === 'none') return;
    this.op.client.lastGood.put(this.sender.keptUnder, this.cacheKey, this.text, now);
  }

  /** Takes over the written request of another flow. */
  protected adopt(other: RequestFlow): void {
    this.path = other.path;
    this.body = other.body;
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

/** Returns a failure of the call itself, not of the service. The circuit does not count it, and no fallback answers it. */
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
