import { withoutStack } from '../errors/base.js';
import { RequestError } from '../errors/call-errors.js';
import { SignInError } from '../errors/sign-in-error.js';
import { type Expiry, type Failure, Link, type Outcome } from '../policies/stage.js';
import { ownFailure, type Preparation, type ReadyRequest, type RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import type { Secrets } from './request/auth.js';
import { isPromise } from './request/signing.js';
import { nameSender, unwritable, writeRequest } from './request/write-request.js';
import type { DispatcherLike } from './transport/types.js';

/** The methods of the circuit that preparing needs. */
export interface Gate {
  isOpen(now: number): boolean;
  enter(flow: RequestFlow, now: number): void;
}

/** Called once a request is ready. */
export type Prepared = (flow: RequestFlow, now: number) => void;

/**
 * The link that asks for the token and writes the request. It awaits only at the first call of a process, for the transport, and for async
 * token functions. If the server refuses a token with 401, and its source has another one, the request is sent once more: the first was not processed, so
 * this is safe for every method. The repeat is no retry: it waits for nothing and takes nothing from the budget.
 */
export class Preparing extends Link<RequestFlow> {
  readonly #op: CompiledOperation;
  /** The circuit, set once the chain is complete. */
  gate: Gate | undefined;

  constructor(op: CompiledOperation) {
    super();
    this.#op = op;
  }

  override enter(flow: RequestFlow, now: number): void {
    // A call that shares its request has written it, to know with which calls it shares.
    if (flow.ready !== undefined) this.inner.enter(flow, now);
    else this.prepare(flow, now, this.#inwards);
  }

  /** Prepares the flow's next request, and then calls `next`. */
  prepare(flow: RequestFlow, now: number, next: Prepared): void {
    const { client, signing } = this.#op;
    flow.phase = 'preparing';
    let secrets: Secrets | undefined | Promise<Secrets> = signing.fixed;
    if (signing.asks) {
      // While the circuit is open no token is asked for, unless only the token tells whose kept response may answer.
      if ((!flow.settings.keepsLastGood || flow.senderName !== undefined) && this.gate?.isOpen(now) === true) {
        if (flow.settings.keepsLastGood) nameSender(this.#op, flow);
        this.gate.enter(flow, now);
        return;
      }
      try {
        secrets = signing.secrets(flow.user);
      } catch (error) {
        this.#noToken(flow, error, now);
        return;
      }
      // The token function is the user's own code and may have ended the call.
      if (flow.over) return;
    }
    const dispatcher = client.dispatcher();
    if (isPromise(secrets) || dispatcher instanceof Promise) this.#wait(flow, secrets, dispatcher, next);
    else this.#write(flow, secrets, dispatcher, now, next);
  }

  override failed(flow: RequestFlow, failure: Failure, now: number): void {
    if (!this.#hasFreshToken(flow, failure)) {
      this.outer.failed(flow, failure, now);
      return;
    }
    flow.signedAgain = true;
    this.#op.events.retry(flow, flow.attempts + 1, 0, failure.cause);
    // A listener may have aborted the call.
    if (!flow.over) this.enter(flow, now);
  }

  override leave(flow: RequestFlow, now: number, expiry: Expiry | undefined): Outcome {
    if (flow.preparation === undefined) return this.inner.leave(flow, now, expiry);
    flow.preparation.over = true;
    flow.preparation = undefined;
    return 'released';
  }

  readonly #inwards: Prepared = (flow, now) => this.inner.enter(flow, now);

  #wait(
    flow: RequestFlow,
    secrets: Secrets | undefined | Promise<Secrets>,
    dispatcher: DispatcherLike | Promise<DispatcherLike>,
    next: Prepared,
  ): void {
    const preparation: Preparation = { over: false };
    flow.preparation = preparation;
    // For a call whose time is up before the token comes.
    if (flow.settings.keepsLastGood) nameSender(this.#op, flow);
    const { clock } = this.#op.client;
    const ends = (end: (now: number) => void): void => {
      if (preparation.over) return;
      preparation.over = true;
      flow.preparation = undefined;
      end(clock.now());
    };
    if (!(dispatcher instanceof Promise)) {
      Promise.resolve(secrets).then(
        (given) => ends((now) => this.#write(flow, given, dispatcher, now, next)),
        (error: unknown) => ends((now) => this.#noToken(flow, error, now)),
      );
      return;
    }
    let loads = true;
    dispatcher.catch(() => {
      loads = false;
    });
    Promise.all([secrets, dispatcher]).then(
      ([given, transport]) => ends((now) => this.#write(flow, given, transport, now, next)),
      (error: unknown) => ends((now) => (loads ? this.#noToken(flow, error, now) : this.#noTransport(flow, error, now))),
    );
  }

  #write(flow: RequestFlow, secrets: Secrets | undefined, dispatcher: DispatcherLike, now: number, next: Prepared): void {
    let ready: ReadyRequest;
    try {
      ready = { request: writeRequest(this.#op, flow, secrets), dispatcher };
    } catch (error) {
      this.outer.failed(flow, ownFailure(unwritable(this.#op.place, error)), now);
      return;
    }
    flow.ready = ready;
    if (this.#op.signing.asks) flow.secrets = secrets;
    next(flow, now);
  }

  /** Whether the server refused the token of the last attempt, and the token's source has another. Asked once for each call. */
  #hasFreshToken({ over, secrets, signedAgain, user }: RequestFlow, failure: Failure): boolean {
    if (over || secrets === undefined || signedAgain || failure.cause !== 'http_401') return false;
    return this.#op.signing.rejected(user, secrets);
  }

  /** The sign-in is down, and not the service: the circuit counts nothing, and a fallback answers. */
  #noToken(flow: RequestFlow, error: unknown, now: number): void {
    if (flow.settings.keepsLastGood) nameSender(this.#op, flow);
    const failure = withoutStack(() => SignInError.at(this.#op.place, error));
    this.outer.failed(flow, { ...ownFailure(failure), answerable: true }, now);
  }

  /** As with a bundler that took undici in, although it needs `require`. */
  #noTransport(flow: RequestFlow, error: unknown, now: number): void {
    const { place, client } = this.#op;
    const fault = `the transport cannot be loaded (${client.transport})`;
    this.outer.failed(flow, ownFailure(new RequestError(place, fault, { cause: error })), now);
  }
}
