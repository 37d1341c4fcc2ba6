import { RequestError } from '../errors/call-errors.js';
import { type Expiry, Link, type Outcome } from '../policies/stage.js';
import { forgiven } from '../user-code.js';
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
    if (isPromise(token) || dispatcher instanceof Promise) this.#wait(flow, token, dispatcher, next);
    else this.#write(flow, token, dispatcher, now, next);
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
    token: string | undefined | Promise<string>,
    dispatcher: DispatcherLike | Promise<DispatcherLike>,
    next: Prepared,
  ): void {
    const preparation: Preparation = { over: false };
    flow.preparation = preparation;
    const { clock } = this.#op.client;
    const ends = (end: (now: number) => void): void => {
      if (preparation.over) return;
      preparation.over = true;
      flow.preparation = undefined;
      end(clock.now());
    };
    if (!(dispatcher instanceof Promise)) {
      Promise.resolve(token).then(
        (given) => ends((now) => this.#write(flow, given, dispatcher, now, next)),
        (error: unknown) => ends((now) => this.#fail(flow, NO_TOKEN, error, now)),
      );
      return;
    }
    let fault = NO_TOKEN;
    dispatcher.catch(() => {
      // For example if a bundler included undici, which needs `require`.
      fault = `the transport cannot be loaded (${this.#op.client.transport})`;
    });
    Promise.all([token, dispatcher]).then(
      ([given, transport]) => ends((now) => this.#write(flow, given, transport, now, next)),
      (error: unknown) => ends((now) => this.#fail(flow, fault, error, now)),
    );
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

const NO_TOKEN = 'the token function failed';

function isPromise(value: unknown): value is Promise<string> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
