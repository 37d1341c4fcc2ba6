import type { Clock } from '../../clock.js';
import type { RatePresetName } from '../../config/rate-presets.js';
import type { ServiceSettings } from '../../config/types.js';
import type { EventListener } from '../../observe/events.js';
import type { Instrumentation } from '../../observe/instrumentation.js';
import type { BreakerInput } from '../../policies/circuit-breaker/options.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { Fallback } from '../../policies/fallback/fallback.js';
import type { DispatcherLike } from '../transport/types.js';
import type { BasicCredentials, NamedCredentials, TokenFunction, TokenSource } from './credentials.js';
import type { SecurityDescriptor } from './descriptor.js';

/** What generated code says about a service. */
export interface ServiceDefinition extends ServiceSettings {
  /** Left out where the document names no server: the client must be given one. */
  readonly baseUrl?: string;
  /** Credentials of the operations that have no `security` of their own. */
  readonly security: readonly SecurityDescriptor[];
}

/** How attempts are repeated. Every value is optional; the YAML's value applies otherwise. */
export interface RetryOptions {
  /** Attempts, the first included. At least 1. */
  readonly maxAttempts?: number;
  /** First wait, in milliseconds. */
  readonly baseDelayMs?: number;
  /** Longest wait that backoff chooses, in milliseconds. */
  readonly maxDelayMs?: number;
  readonly exponentialBase?: number;
  /** Draw each wait from 0 to the computed delay. */
  readonly jitter?: boolean;
  /** Statuses that are tried again. */
  readonly statuses?: readonly number[];
  /** A server's hint above this ends the call at once, in milliseconds. */
  readonly maxRetryAfterMs?: number;
}

/** How many calls run at the same time. Every value is optional; the YAML's value applies otherwise. */
export interface BulkheadPolicy {
  /** Calls that may run at the same time, at least 1. Default 100. */
  readonly maxConcurrent?: number;
  /** Calls that may wait for a place. Default 0. */
  readonly maxQueue?: number;
  /** Longest wait for a place, in milliseconds. `null` or `Infinity`: as long as the deadline allows, which is the default. */
  readonly maxWaitMs?: number | null;
}

/** How many requests one sender may send. The rate-limit headers of the answers narrow it. */
export interface RateLimitPolicy {
  /** A vendor's published limit; what stands beside it is stronger. */
  readonly preset?: RatePresetName;
  /** Requests in any span of `perMs`. `null` or `Infinity`: only the rate-limit headers of the answers count, which is the default. */
  readonly requests?: number | null;
  /** The span, in milliseconds. Default 1,000. */
  readonly perMs?: number;
  /** Longest wait for a token, in milliseconds. `null` or `Infinity`: as long as the deadline allows, which is the default. */
  readonly maxWaitMs?: number | null;
  /** What is counted together: requests to the service, or to each operation. Default `service`. */
  readonly scope?: 'service' | 'operation';
}

/** Options of a client; each is stronger than the environment and the YAML. */
export interface ClientOptions {
  /**
   * Bearer token or API key, a function that fetches it, or a source that renews it, such as `oauth(…)` of `fuseline/auth`. Function and source are
   * asked before every attempt, so a rotated token is picked up. If they fail, the call fails with a `SignInError`, which a fallback can answer.
   */
  readonly token?: string | TokenFunction | TokenSource | undefined;
  /**
   * User name and password, for services with basic authentication. Or a credential for each security scheme, by the name of the scheme in the document:
   * `{ apiKey: 'k', oauth: oauth(…) }`. An operation is signed by the first of its alternatives whose schemes all have one. Schemes that are not named
   * here use `token`.
   */
  readonly credentials?: BasicCredentials | NamedCredentials | undefined;
  /**
   * Your own name for the sender, such as a tenant's id, or a function that returns it; asked synchronously when a call is made. Never sent. One name is
   * one sender, whatever its token is at the moment: give each tenant, and each account with rights of its own, a name of its own. Last good responses
   * then survive a new token, and are found while the sign-in is down. Needed where credentials are added outside the client (by a dispatcher, an
   * instrumentation, a patched `fetch`). Default: senders are told apart by token, credentials and headers.
   */
  readonly identity?: string | (() => string) | undefined;
  /** Instead of the document's server. */
  readonly baseUrl?: string | undefined;
  /** Sent with every request; they also keep tenants' last good responses apart. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Anything with undici's `dispatch`, such as a `ProxyAgent`; default: one agent shared by all clients. */
  readonly dispatcher?: DispatcherLike | undefined;
  /** `fetch` uses the global fetch instead of undici, for runtimes and tools that need it. Default `undici`. */
  readonly transport?: 'undici' | 'fetch' | undefined;
  /** Where circuits are kept. Default: one registry per process, so that clients of a service share its circuit. */
  readonly registry?: BreakerRegistry | undefined;
  /** Thresholds, window, backoff and ramp for all operations. */
  readonly breaker?: BreakerInput | undefined;
  /** Limit of one attempt, body included, in milliseconds, more than 0. `null` or `Infinity`: no limit. */
  readonly timeoutMs?: number | null | undefined;
  /** Limit of a whole call with its retries and waits, in milliseconds, more than 0. `null` or `Infinity`: no limit. */
  readonly totalTimeoutMs?: number | null | undefined;
  /** `false`: every call is one attempt. An object tunes, and `true` changes nothing. Operations that the YAML does not retry stay so. */
  readonly retry?: boolean | RetryOptions | undefined;
  /**
   * How many calls of a service run at the same time. `true`: as many as the YAML says, 100 if it says nothing. `false`: any number. Clients of
   * one service and origin with equal settings share the places.
   */
  readonly bulkhead?: boolean | BulkheadPolicy | undefined;
  /** How many requests each sender may send; `true` for what the answers say, `false` for no limit. Never shared between credentials or tenants. */
  readonly rateLimit?: boolean | RateLimitPolicy | undefined;
  /** `true`: equal reads of this client that are in flight at once share one request. */
  readonly coalesce?: boolean | undefined;
  /** What answers when an operation fails, by operation id; overrides the YAML's. `false`: no fallback. `null` is an answer. */
  readonly fallbacks?: object | undefined;
  /** Receives this client's events. What it throws is dropped. */
  readonly onEvent?: EventListener | undefined;
  /** Follows each call: its attempts, events and end. What it throws is dropped. */
  readonly instrumentation?: Instrumentation | undefined;
  /** Name of the YAML's `environments` block. Default: `FUSELINE_ENV`, else `NODE_ENV`. */
  readonly environment?: string | undefined;
  /** Environment variables. Default: those of the process; `{}` for none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** A response larger than this is an error, in bytes. Default 64 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
  /** Source of jitter, 0 to 1. For tests. */
  readonly random?: (() => number) | undefined;
}

/** Options of one call; the strongest layer. */
export interface CallOptions<R = unknown, P = unknown> {
  /** Ends the call at once, in whatever phase; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Limit of one attempt, body included, in milliseconds, more than 0. `null` or `Infinity`: no limit. */
  readonly timeoutMs?: number | null | undefined;
  /** Limit of the whole call, in milliseconds, more than 0. `null` or `Infinity`: no limit. */
  readonly totalTimeoutMs?: number | null | undefined;
  /** `false`: exactly one attempt, or two if the server refuses a token that can be renewed. `true`: retries with the configured values, also where the YAML turned them off. An object tunes them. */
  readonly retry?: boolean | RetryOptions | undefined;
  /** `true`: the request may be repeated although it may have reached the server. */
  readonly idempotent?: boolean | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Instead of the client's `identity`. */
  readonly identity?: string | undefined;
  /** `false`: a request of its own. A call with limits or retries of its own has one anyway. */
  readonly coalesce?: boolean | undefined;
  /**
   * Longest waits for a place in the bulkhead and for a token of the rate limit, in milliseconds. `null` or `Infinity`: as long as the deadline
   * allows.
   */
  readonly maxWaitMs?: number | null | undefined;
  /** What answers if the call fails. `false`: no fallback, whatever is configured. `null` is an answer; to answer false, give `value(false)`. */
  readonly fallback?: Fallback<R, P> | false | undefined;
}

/** The default of `maxResponseBytes`: 64 MiB. */
export const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
