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

/**
 * What a generated method returns: a promise of the result, with two other ways to wait for it.
 *
 * @typeParam R result, @typeParam E errors that the document declares
 * @example
 * const result = await ghl.contacts.get({ contactId }).result();
 * if (result.ok) use(result.data, result.source);
 * else if (result.error.kind === 'http' && result.error.status === 404) create();
 */
export class ApiPromise<R, E = HttpError> extends Promise<R> {
  #call: PromisedCall | undefined;

  /** @internal */
  static start<R, E>(call: PromisedCall): ApiPromise<R, E> {
    const promise = new ApiPromise<R, E>((resolve, reject) => {
      call.resolve = resolve as (value: unknown) => void;
      call.reject = reject;
    });
    promise.#call = call;
    call.start();
    return promise;
  }

  /** @internal A call that could not even be set up: it fails as every other does, so that `.result()` never throws. */
  static failed<R, E>(error: unknown): ApiPromise<R, E> {
    return new ApiPromise<R, E>((_, reject) => reject(error));
  }

  /** Never rejects: the error is in the result. */
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

  /** The result with status, headers and request id. Rejects as the promise itself does. */
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

  // `then` and `await` make plain promises: awaiting a promise whose constructor is Promise costs no extra turn of the queue.
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
}

Object.defineProperty(ApiPromise.prototype, 'constructor', { value: Promise, configurable: true, writable: true });
