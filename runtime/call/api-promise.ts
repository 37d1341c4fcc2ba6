import { type ErrorPlace, FuselineError } from '../errors/base.js';
import { CallAbortedError, type CallError } from '../errors/call-errors.js';
import type { HttpError } from '../errors/http-error.js';
import type { AnswerSource, Result, WithResponse } from './outcome.js';

export type { AnswerSource, Result, WithResponse };

/** The parts of a call that its promise needs. */
export interface PromisedCall {
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
  readonly source: AnswerSource;
  readonly status: number | undefined;
  readonly attempts: number;
  readonly ageMs: number | undefined;
  readonly headers: WithResponse<unknown>['headers'] | undefined;
  readonly requestId: string | undefined;
  readonly op: { readonly place: ErrorPlace };
  start(): void;
}

type Executor<R> = (resolve: (value: R | PromiseLike<R>) => void, reject: (reason: unknown) => void) => void;

let resolve: (value: unknown) => void;
let reject: (reason: unknown) => void;

/** Hands out the functions of the promise that is being made. One executor for all promises: a closure for each would cost an allocation per call. */
function takeSettlers(resolves: (value: unknown) => void, rejects: (reason: unknown) => void): void {
  resolve = resolves;
  reject = rejects;
}

/**
 * The return type of a generated method. It is a promise of the response data. `result()` and `withResponse()` return the outcome in other forms.
 *
 * @typeParam R type of the response data
 * @typeParam E HTTP errors that the OpenAPI document declares
 * @example
 * const result = await ghl.contacts.get({ contactId }).result();
 * if (result.ok) use(result.data, result.source);
 * else if (result.error.kind === 'http' && result.error.status === 404) create();
 */
export class ApiPromise<R, E = HttpError> extends Promise<R> {
  #call: PromisedCall | undefined;

  /** @internal */
  static start<R, E>(call: PromisedCall): ApiPromise<R, E> {
    const promise = new ApiPromise<R, E>(takeSettlers as Executor<R>);
    call.resolve = resolve;
    call.reject = reject;
    promise.#call = call;
    call.start();
    return promise;
  }

  /** @internal Returns the promise of a call that could not be set up. It rejects like any other call, so that `.result()` never throws. */
  static failed<R, E>(error: unknown): ApiPromise<R, E> {
    return new ApiPromise<R, E>((_, reject) => reject(error));
  }

  /** Returns the outcome as a value. Never rejects: an error is in `error` of the result. */
  result(): Promise<Result<R, E>> {
    const call = this.#call;
    return this.then(
      (data) =>
        ({
          ok: true,
          data,
          source: call?.source ?? 'network',
          status: call?.status,
          attempts: call?.attempts ?? 0,
          ageMs: call?.ageMs,
        }) as const,
      (reason: unknown) => {
        const error =
          reason instanceof FuselineError
            ? (reason as E | CallError)
            : new CallAbortedError(call?.op.place ?? { service: undefined, operation: undefined }, reason);
        return { ok: false, error, attempts: call?.attempts ?? 0 } as const;
      },
    );
  }

  /** Returns the data with status, headers and request id. Rejects with the same error as the promise itself. */
  withResponse(): Promise<WithResponse<R>> {
    const call = this.#call;
    return this.then((data) => ({
      data,
      source: call?.source ?? 'network',
      status: call?.status,
      headers: call?.headers ?? {},
      requestId: call?.requestId,
      attempts: call?.attempts ?? 0,
      ageMs: call?.ageMs,
    }));
  }

  // `then` and `await` create plain promises. `await` needs no extra microtask for a promise whose constructor is `Promise`.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
}

Object.defineProperty(ApiPromise.prototype, 'constructor', { value: Promise, configurable: true, writable: true });
