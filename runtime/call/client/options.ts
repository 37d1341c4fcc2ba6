import type { Clock } from '../../clock.js';
import type { RatePresetName } from '../../config/rate-presets.js';
import type { ServiceSettings } from '../../config/types.js';
import type { EventListener } from '../../observe/event-hub.js';
import type { Instrumentation } from '../../observe/instrumentation.js';
import type { BreakerInput } from '../../policies/circuit-breaker/options.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { Fallback } from '../../policies/fallback/fallback.js';
import type { DispatcherLike } from '../transport/types.js';
import type { BasicCredentials, NamedCredentials, TokenFunction, TokenSource } from './credentials.js';
import type { SecurityDescriptor } from './descriptor.js';

/** The description of a service in generated code. */
export interface ServiceDefinition extends ServiceSettings {
  /** Undefined if the document declares no server. Clients then need the option `baseUrl`. */
  readonly baseUrl?: string;
  /** Security schemes of the operations without their own `security`. */
  readonly security: readonly SecurityDescriptor[];
}

/** Options of retries. All are optional. Default: the values of the YAML. */
export interface RetryOptions {
  /** Largest number of attempts, including the first. At least 1. */
  readonly maxAttempts?: number;
  /** Delay before the first retry, in milliseconds. */
  readonly baseDelayMs?: number;
  /** Longest delay that the backoff computes, in milliseconds. */
  readonly maxDelayMs?: number;
  /** Factor by which the delay grows with each retry. */
  readonly exponentialBase?: number;
  /** Whether each delay is a random value between 0 and the computed delay. */
  readonly jitter?: boolean;
  /**
   * Whether a retry that meets the open circuit waits for its next probe, but not longer than `maxDelayMs`. If other calls probe the circuit then, the
   * retry waits for a place among them, or until the circuit closes, again not longer than `maxDelayMs`. A first attempt never waits. Default `false`:
   * the call ends immediately with the error of its last attempt.
   */
  readonly waitForProbe?: boolean;
  /** Statuses after which the request is retried. */
  readonly statuses?: readonly number[];
  /** If the server asks for a longer wait than this, the call ends immediately. In milliseconds. */
  readonly maxRetryAfterMs?: number;
}

/** Options of the bulkhead. All are optional. The values of the YAML override the defaults below. */
export interface BulkheadPolicy {
  /** Largest number of calls that run concurrently, at least 1. Default 100. */
  readonly maxConcurrent?: number;
  /** Largest number of calls that wait for a place. Default 0. */
  readonly maxQueue?: number;
  /** Longest wait for a place, in milliseconds. `null` or `Infinity` means until the deadline of the call. Default: until the deadline. */
  readonly maxWaitMs?: number | null;
}

/** Options of the rate limit of one sender. The limits in the headers of responses apply in addition. */
export interface RateLimitPolicy {
  /** A vendor's published limit. The other options override it. */
  readonly preset?: RatePresetName;
  /** Requests in any span of `perMs`. `null` or `Infinity` means that only the rate-limit headers of responses apply, which is the default. */
  readonly requests?: number | null;
  /** The span, in milliseconds. Default 1,000. */
  readonly perMs?: number;
  /** Longest wait for a token, in milliseconds. `null` or `Infinity` means until the deadline of the call. Default: until the deadline. */
  readonly maxWaitMs?: number | null;
  /** Whether the limit applies to all requests to the service, or to each operation separately. Default `service`. */
  readonly scope?: 'service' | 'operation';
}

/** Options of a client. They override the environment and the YAML. */
export interface ClientOptions {
  /**
   * Bearer token or API key, a function that fetches it, or a source that renews it, such as `oauth(…)` of `fuseline/auth`. Function and source are
   * asked before every attempt, so a rotated token is picked up. If they fail, the call fails with a `SignInError`, which a fallback can answer.
   *
   * While a function runs, the call holds its place in the bulkhead: a function that calls the same service must use a client with `bulkhead: false`, or its calls
   * and these can wait for each other until their deadlines.
   */
  readonly token?: string | TokenFunction | TokenSource | undefined;
  /**
   * User name and password, for services with basic authentication. Or a credential for each security scheme, by the name of the scheme in the document:
   * `{ apiKey: 'k', oauth: oauth(…) }`. An operation is signed by the first of its alternatives whose schemes all have one. Schemes that are not named
   * here use `token`.
   */
  readonly credentials?: BasicCredentials | NamedCredentials | undefined;
  /**
   * Your own name for the sender, such as a tenant's id, or a function that returns it; asked synchronously when a call is made. Last good responses,
   * shared requests and rate limits of two senders are never mixed. Never sent. One name is one sender, whatever its token is at the moment: give each
   * tenant, and each account with rights of its own, a name of its own. Last good responses then survive a new token, and are found while the sign-in is
   * down. Without it, senders are told apart by token, credentials and headers. A
   * client with a `dispatcher`, an `instrumentation` or a patched `fetch` that may sign requests then shares no request.
   */
  readonly identity?: string | (() => string) | undefined;
  /** Absolute URL of the service. Default: the server of the OpenAPI document. */
  readonly baseUrl?: string | undefined;
  /** Headers of every request. They also keep the last good responses of different tenants separate. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** An object with undici's `dispatch` method, such as a `ProxyAgent`. Default: one agent shared by all clients. */
  readonly dispatcher?: DispatcherLike | undefined;
  /** `fetch` uses the global `fetch` instead of undici, for runtimes and tools that need it. Default `undici`. */
  readonly transport?: 'undici' | 'fetch' | undefined;
  /**
   * `error`: a redirect is an `HttpError`, unless the document declares it; the default. `follow`: up to five are followed within an attempt.
   * Another origin gets no credentials, no cookies and no headers of yours. A redirect from https to http is never followed.
   */
  readonly redirects?: 'error' | 'follow' | undefined;
  /** Stores the circuits. Default: one registry per process, so that all clients of a service share its circuit. */
  readonly registry?: BreakerRegistry | undefined;
  /** Thresholds, sliding window, reopen backoff and ramp of the circuit, for all operations. */
  readonly breaker?: BreakerInput | undefined;
  /** Limit of one attempt including the response body, in milliseconds, more than 0. `null` or `Infinity` means no limit. Default: the YAML. */
  readonly timeoutMs?: number | null | undefined;
  /** Limit of a whole call with its retries and waits, in milliseconds, more than 0. `null` or `Infinity` means no limit. Default: the YAML. */
  readonly totalTimeoutMs?: number | null | undefined;
  /**
   * `false`: every call makes exactly one attempt. An object changes the settings of retries. `true` changes nothing. Operations for which the YAML
   * turns retries off are never retried.
   */
  readonly retry?: boolean | RetryOptions | undefined;
  /**
   * Limits the concurrent calls of a service. `true`: the limit of the YAML, or 100 if it has none. `false`: no limit. Clients of one service and
   * origin with equal settings share the limit.
   */
  readonly bulkhead?: boolean | BulkheadPolicy | undefined;
  /**
   * Limits the requests of each sender. `true`: the limits that responses report. `false`: no limit. Different credentials or tenants never share a
   * limit.
   */
  readonly rateLimit?: boolean | RateLimitPolicy | undefined;
  /** `true`: equal reads of this client that are in flight at once share one request. Needs `identity` if something outside may sign requests. */
  readonly coalesce?: boolean | undefined;
  /** Fallbacks by operation id. They override those of the YAML. `false` means no fallback; `null` is a result. */
  readonly fallbacks?: object | undefined;
  /** Receives the events of this client's calls. Exceptions in it are dropped. */
  readonly onEvent?: EventListener | undefined;
  /** Receives the start, the attempts, the events and the end of each call. Exceptions in it are dropped. */
  readonly instrumentation?: Instrumentation | undefined;
  /** Name of the `environments` block of the YAML. Default: `FUSELINE_ENV`, otherwise `NODE_ENV`. */
  readonly environment?: string | undefined;
  /**
   * `true`: `error.stack` names the line of your code that made the call. Costs 1 to 5 microseconds per call. Default: true if the environment is
   * `development` or `dev`, otherwise false, which costs nothing.
   */
  readonly captureStack?: boolean | undefined;
  /** Environment variables. `{}` means none. Default: those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * `false`: requests have no `accept-encoding`. Default true: they ask for the codings that the platform can undo (gzip, deflate, br, and zstd where
   * Node has it). Answers are decoded in both cases. An `accept-encoding` of `headers` overrides it. With `transport: 'fetch'`, fetch decides.
   */
  readonly compression?: boolean | undefined;
  /** Largest response body after decompression, in bytes. A larger one is an error. Default 64 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
  /** Source of jitter, returns a number from 0 to 1. For tests. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** Options of one call. They override all other settings. */
export interface CallOptions<R = unknown, P = unknown> {
  /** Aborts the call immediately, in any phase. The promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Limit of one attempt including the response body, in milliseconds, more than 0. `null` or `Infinity` means no limit. */
  readonly timeoutMs?: number | null | undefined;
  /** Limit of the whole call with its retries and waits, in milliseconds, more than 0. `null` or `Infinity` means no limit. */
  readonly totalTimeoutMs?: number | null | undefined;
  /**
   * `false`: exactly one attempt, or two if the server refuses a token that can be renewed. `true`: retries with the configured values, even if the YAML turned them off. An object also changes these values.
   */
  readonly retry?: boolean | RetryOptions | undefined;
  /** `true`: the request is safe to repeat, even if it may have reached the server. Default: the YAML, otherwise the HTTP method decides. */
  readonly idempotent?: boolean | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Overrides the client's `identity` for this call. */
  readonly identity?: string | undefined;
  /** `false`: a request of its own. A call with `timeoutMs`, `retry`, `idempotent` or `maxWaitMs` of its own has one anyway. */
  readonly coalesce?: boolean | undefined;
  /**
   * Longest wait for a place in the bulkhead, and also for a token of the rate limit, in milliseconds. `null` or `Infinity` means until the deadline
   * of the call.
   */
  readonly maxWaitMs?: number | null | undefined;
  /**
   * Supplies the result if the call fails. `false` means no fallback, even if one is configured. `null` is a result. To return `false`, use
   * `value(false)`.
   */
  readonly fallback?: Fallback<R, P> | false | undefined;
}

/** The default of `maxResponseBytes`: 64 MiB. */
export const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
