import { RequestError } from '../errors/call-errors.js';
import { type Expiry, Link, type Outcome } from '../policies/stage.js';
import { adopt, adopted, forgiven } from '../user-code.js';
import { ownFailure, type Preparation, type ReadyRequest, type RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import { unwritable, writeRequest } from './request/write-request.js';
import type { DispatcherLike } from './transport/types.js';

/** The methods of the circuit that this link needs. */
export interface Gate {
  isOpen(now: number): boolean;
  enter(flow: RequestFlow, now: number): void;
}

/** Called when a request is ready. */
export type Prepared = (flow: RequestFlow, now: number) => void;

/**
 * The link that gets the token and writes the request. It is asynchronous only at the first call of a process, which loads the transport, and for
 * asynchronous token functions.
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
    // If the call shares its request, the request is already written: its text is the key for sharing.
    if (flow.ready !== undefined) this.inner.enter(flow, now);
    else this.prepare(flow, now, this.#inwards);
  }

  /** Prepares the next request of the flow, then calls `next`. */
  prepare(flow: RequestFlow, now: number, next: Prepared): void {
    const { client, needsToken } = this.#op;
    flow.phase = 'preparing';
    let token: string | undefined | Promise<string>;
    if (needsToken) {
      // While the circuit is open, the token function is not called, unless a last good response of this sender could be the fallback.
      if (client.asksForToken && !flow.settings.keepsLastGood && this.gate?.isOpen(now) === true) {
        this.gate.enter(flow, now);
        return;
      }
      try {
        token = client.token(flow.user);
      } catch (error) {
        this.#fail(flow, NO_TOKEN, error, now);
        return;
      }
      // The token function is the user's own code and may have ended the call.
      if (flow.over) {
        forgiven(token);
        return;
      }
    }
    const dispatcher = client.dispatcher();
    if (dispatcher === undefined) this.#load(flow, token, next);
    else this.#await(flow, token, dispatcher, now, next);
  }

  override leave(flow: RequestFlow, now: number, expiry: Expiry | undefined): Outcome {
    if (flow.preparation === undefined) return this.inner.leave(flow, now, expiry);
    flow.preparation.over = true;
    flow.preparation = undefined;
    return 'released';
  }

  readonly #inwards: Prepared = (flow, now) => this.inner.enter(flow, now);

  /** Writes the request as soon as there is a token. `token` is what the user's function returned, so it can be anything. */
  #await(flow: RequestFlow, token: string | undefined | Promise<string>, dispatcher: DispatcherLike, now: number, next: Prepared): void {
    // `adopt` calls back later, so the preparation is set by then.
    let ends: Ending | undefined;
    const waits = adopt(
      flow.user,
      token,
      (given) => ends?.((at) => this.#write(flow, given, dispatcher, at, next)),
      (error: unknown) => ends?.((at) => this.#fail(flow, NO_TOKEN, error, at)),
    );
    // A getter `then` can have aborted the call.
    if (flow.over) return;
    if (waits === undefined) this.#write(flow, token as string | undefined, dispatcher, now, next);
    else ends = this.#waiting(flow);
  }

  /** Loads the transport, and waits for the token at the same time. */
  #load(flow: RequestFlow, token: string | undefined | Promise<string>, next: Prepared): void {
    const { client } = this.#op;
    let failed: { readonly error: unknown } | undefined;
    const asked = adopted<string | undefined, Asked>(
      flow.user,
      token,
      (given) => ({ given }),
      (error: unknown) => {
        failed = { error };
        return failed;
      },
    );
    if (flow.over) return;
    const ends = this.#waiting(flow);
    client.loadDispatcher().then(
      (dispatcher) =>
        asked.then((token) =>
          ends((now) => {
            if ('error' in token) this.#fail(flow, NO_TOKEN, token.error, now);
            else this.#write(flow, token.given, dispatcher, now, next);
          }),
        ),
      // For example if a bundler included undici, which needs `require`. A token function that has failed as well is the nearer cause.
      (error: unknown) =>
        ends((now) => {
          if (failed !== undefined) this.#fail(flow, NO_TOKEN, failed.error, now);
          else this.#fail(flow, `the transport cannot be loaded (${client.transport})`, error, now);
        }),
    );
  }

  /** Marks the flow as waiting. The returned function ends the wait, unless the flow has left meanwhile. */
  #waiting(flow: RequestFlow): Ending {
    const preparation: Preparation = { over: false };
    flow.preparation = preparation;
    const { clock } = this.#op.client;
    return (end) => {
      if (preparation.over) return;
      preparation.over = true;
      flow.preparation = undefined;
      end(clock.now());
    };
  }

  #write(flow: RequestFlow, token: string | undefined, dispatcher: DispatcherLike, now: number, next: Prepared): void {
    let ready: ReadyRequest;
    try {
      ready = { request: writeRequest(this.#op, flow, token), dispatcher };
    } catch (error) {
      this.outer.failed(flow, ownFailure(unwritable(this.#op.place, error)), now);
      return;
    }
    flow.ready = ready;
    next(flow, now);
  }

  #fail(flow: RequestFlow, fault: string, error: unknown, now: number): void {
    this.outer.failed(flow, ownFailure(new RequestError(this.#op.place, fault, { cause: error })), now);
  }
}

/** What the token function gave. */
type Asked = { readonly given: string | undefined } | { readonly error: unknown };

/** Ends a wait: calls `end` with the time, unless the flow has left. */
type Ending = (end: (now: number) => void) => void;

const NO_TOKEN = 'the token function failed';
