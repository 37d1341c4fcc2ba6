import { withoutStack } from '../errors/base.js';
import { RequestError } from '../errors/call-errors.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { SignInError } from '../errors/sign-in-error.js';
import { countUnsigned } from '../observe/unsigned-calls.js';
import { type Expiry, type Failure, type Inner, Link, type Outcome } from '../policies/stage.js';
import { adopt, adopted, forgiven } from '../user-code.js';
import { ownFailure, type ReadyRequest, type RequestFlow } from './flow.js';
import { LOAD_LIMIT_MS, LoadWait } from './load-wait.js';
import type { CompiledOperation } from './operation.js';
import type { Secrets } from './request/auth.js';
import { nameSender, unwritable, writeRequest } from './request/write-request.js';
import { type TokenAnswer, TokenWait } from './token-wait.js';
import type { DispatcherLike } from './transport/types.js';

/** The methods of the circuit that this link needs. */
export interface Gate {
  isOpen(now: number): boolean;
  enter(flow: RequestFlow, now: number): void;
}

/** Called when a request is ready. */
export type Prepared = (flow: RequestFlow, now: number) => void;

/**
 * The link that gets the token and writes the request. It is asynchronous only for the first calls of a process, while the
 * transport is loaded, and for asynchronous token functions.
 *
 * If the server refuses a token with 401, and its source has another one, the request is sent once more. The first was not processed, so this is safe for
 * every method. After a redirect it is not: the first request was answered, perhaps because it was processed. The repeat is no retry: it waits for nothing
 * and takes nothing from the budget.
 *
 * The same applies to a request that is safe to repeat, if its reused connection was reset before the answer: at most twice for each call.
 */
export class Preparing extends Link<RequestFlow> {
  readonly #op: CompiledOperation;
  /** The circuit, set once the chain is complete. */
  gate: Gate | undefined;
  /** The bulkhead, if the operation has one. Set once the chain is complete. */
  places: Inner<RequestFlow> | undefined;

  constructor(op: CompiledOperation) {
    super();
    this.#op = op;
  }

  override enter(flow: RequestFlow, now: number): void {
    // If the call shares its request, the request is already written: its text is the key for sharing.
    if (flow.ready !== undefined) this.inner.enter(flow, now);
    else this.prepare(flow, now, this.#inwards);
  }

  /** Prepares the next request of the flow, then calls `next`. */
  prepare(flow: RequestFlow, now: number, next: Prepared): void {
    const { client, signing } = this.#op;
    flow.phase = 'preparing';
    let secrets: MaybeSecrets = signing.fixed;
    if (signing.asks) {
      // While the circuit is open, no token is asked for, unless only the token can tell whose last good response could be the fallback.
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
      if (flow.over) {
        forgiven(secrets);
        return;
      }
    }
    const dispatcher = client.dispatcher();
    if (dispatcher === undefined) this.#load(flow, secrets, next);
    // A plain token, as in most calls, needs no functions for a wait.
    else if (secrets === undefined || typeof secrets === 'string') this.#write(flow, secrets, dispatcher, now, next);
    else this.#await(flow, secrets, dispatcher, now, next);
  }

  override failed(flow: RequestFlow, failure: Failure, now: number): void {
    if (mayRepeat(flow)) flow.repeats++;
    else if (this.#hasFreshToken(flow, failure)) flow.signedAgain = true;
    else {
      this.outer.failed(flow, failure, now);
      return;
    }
    this.#op.events.retry(flow, flow.attempts + 1, 0, failure.cause);
    // A listener may have aborted the call.
    if (!flow.over) this.enter(flow, now);
  }

  override leave(flow: RequestFlow, now: number, expiry: Expiry | undefined): Outcome {
    return flow.endPreparation() ? 'released' : this.inner.leave(flow, now, expiry);
  }

  readonly #inwards: Prepared = (flow, now) => {
    // The bulkhead lets a flow in without a place while the circuit is open. If probes can pass by now, the flow needs one.
    if (this.places !== undefined && flow.place === 'none' && this.gate?.isOpen(now) === false) this.places.enter(flow, now);
    else this.inner.enter(flow, now);
  };

  /** Writes the request as soon as there is a token. `secrets` is what the user's function returned, so it can be anything. */
  #await(flow: RequestFlow, secrets: MaybeSecrets, dispatcher: DispatcherLike, now: number, next: Prepared): void {
    const wait = new TokenWait();
    // Calls back later, so the wait has begun by then.
    const waits = adopt(flow.user, secrets, wait.given, wait.failed);
    // A getter `then` can have aborted the call.
    if (flow.over) return;
    if (waits === undefined) this.#write(flow, secrets as Secrets | undefined, dispatcher, now, next);
    else this.#wait(wait, flow, dispatcher, next);
  }

  /** Loads the transport, and waits for the token at the same time. */
  #load(flow: RequestFlow, secrets: MaybeSecrets, next: Prepared): void {
    const { client } = this.#op;
    let failed: { readonly error: unknown } | undefined;
    const asked = adopted<Secrets | undefined, TokenAnswer>(
      flow.user,
      secrets,
      (given) => ({ given }),
      (error: unknown) => {
        failed = { error };
        return failed;
      },
    );
    if (flow.over) return;
    // For example if a bundler included undici, which needs `require`. A token function that has failed as well is the nearer cause.
    const unloaded = (error: unknown, now: number): void => {
      if (failed !== undefined) this.#noToken(flow, failed.error, now);
      else {
        const why = error instanceof ConfigurationError ? `: ${error.message}` : '';
        this.#fail(flow, `the transport cannot be loaded (${client.transport})${why}`, error, now);
      }
    };
    const wait = new LoadWait(flow, (now) => unloaded(new Error(`it was not loaded within ${LOAD_LIMIT_MS} ms`), now));
    // For a call that is aborted before the token comes.
    if (flow.settings.keepsLastGood) nameSender(this.#op, flow);
    const { clock } = client;
    client.loadDispatcher().then(
      (dispatcher) => {
        // The wait for the token is part of the call.
        wait.loaded();
        return asked.then((answer) => {
          if (!wait.end()) return;
          if ('error' in answer) this.#noToken(flow, answer.error, clock.now());
          else this.#write(flow, answer.given, dispatcher, clock.now(), next);
        });
      },
      (error: unknown) => {
        if (wait.end()) unloaded(error, clock.now());
      },
    );
  }

  #wait(wait: TokenWait, flow: RequestFlow, dispatcher: DispatcherLike, next: Prepared): void {
    flow.preparation = wait;
    // For a call whose time is up before the token comes.
    if (flow.settings.keepsLastGood) nameSender(this.#op, flow);
    wait.begin((answer) => {
      flow.preparation = undefined;
      const now = this.#op.client.clock.now();
      if ('error' in answer) this.#noToken(flow, answer.error, now);
      else this.#write(flow, answer.given, dispatcher, now, next);
    });
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

  /**
   * Returns true if the server refused the token of the last attempt, the token's source has another, and the request may be sent again. Asked once for
   * each call.
   */
  #hasFreshToken({ over, secrets, signedAgain, user, attempt, settings }: RequestFlow, failure: Failure): boolean {
    if (over || secrets === undefined || signedAgain || failure.cause !== 'http_401') return false;
    const redirect = attempt?.redirect;
    // Another origin was not shown the token.
    if (redirect?.elsewhere === true) return false;
    return this.#op.signing.rejected(user, secrets) && (redirect === undefined || settings.repeatable);
  }

  /** The sign-in is down, and not the service: the circuit counts nothing, and a fallback can answer. */
  #noToken(flow: RequestFlow, error: unknown, now: number): void {
    if (flow.settings.keepsLastGood) nameSender(this.#op, flow);
    const { place, stats, breaker, client } = this.#op;
    const failure = withoutStack(() => SignInError.at(place, error));
    stats.attemptFailed(failure.kind);
    countUnsigned(breaker, client.clock.wallNow(), error instanceof SignInError ? error.service : undefined);
    this.outer.failed(flow, { ...ownFailure(failure), answerable: true }, now);
  }

  #fail(flow: RequestFlow, fault: string, error: unknown, now: number): void {
    this.outer.failed(flow, ownFailure(new RequestError(this.#op.place, fault, { cause: error })), now);
  }
}

/** Repeats of a call after a dead connection. A pool can hold several; a service that resets each connection must be counted in the end. */
export const MOST_REPEATS = 2;

/** Whether the request of the last attempt is sent again because its reused connection was dead. */
function mayRepeat({ over, metDeadConnection, repeats, settings }: RequestFlow): boolean {
  return !over && metDeadConnection && settings.repeatable && settings.retryEnabled && repeats < MOST_REPEATS;
}

/** Secrets, or a promise of them. */
type MaybeSecrets = Secrets | undefined | Promise<Secrets>;
