/** The runtime of generated clients, and the parts of it that are useful by themselves. */

export { type AnswerSource, ApiPromise, type Result, type WithResponse } from './call/api-promise.js';
export type {
  BasicCredentials,
  Credential,
  NamedCredentials,
  TokenCredential,
  TokenFunction,
  TokenSource,
} from './call/client/credentials.js';
export type {
  BodyDescriptor,
  BodyKind,
  HttpMethod,
  Operation,
  ParamDescriptor,
  ParamStyle,
  ResponseDescriptor,
  ResponseKind,
  SchemeDescriptor,
  SecurityDescriptor,
} from './call/client/descriptor.js';
export type {
  BulkheadPolicy,
  CallOptions,
  ClientOptions,
  RateLimitPolicy,
  RetryOptions,
  ServiceDefinition,
} from './call/client/options.js';
export {
  type Caller,
  type CloseOptions,
  call,
  OperationDescription,
  type ReadyOptions,
  ServiceClient,
} from './call/client/service-client.js';
export type { FileInput } from './call/request/body.js';
export { limitStats, operationStats } from './call/shared/shared-state.js';
export type { DispatcherLike, TransportController, TransportHandler, TransportRequest } from './call/transport/types.js';
export { type Clock, systemClock, type TimerHandle } from './clock.js';
export { POLICY_DEFAULTS } from './config/defaults.js';
export type { ExplainedValue } from './config/layers.js';
export type { FallbackStep, NamedLayer, PolicyLayer, PolicyValues, ServiceLayers, ServicePolicies } from './config/types.js';
export { type ErrorKind, FuselineError } from './errors/base.js';
export {
  CallAbortedError,
  type CallError,
  CircuitOpenError,
  NetworkError,
  type NetworkErrorDetails,
  RequestError,
  ResponseParseError,
  RetryExhaustedError,
  TimeoutError,
} from './errors/call-errors.js';
export { ConfigurationError } from './errors/configuration-error.js';
export { HttpError } from './errors/http-error.js';
export { BulkheadFullError, RateLimitedError } from './errors/limit-errors.js';
export { SignInError, type SignInReason } from './errors/sign-in-error.js';
export type { WindowSnapshot } from './observe/circuit-words.js';
export type { EventListener } from './observe/event-hub.js';
export type {
  CallFailedEvent,
  CallLimitedEvent,
  CallRejectedEvent,
  ConfigRejectedEvent,
  ConfigReloadedEvent,
  EventOf,
  FallbackUsedEvent,
  FuselineEvent,
  RetryScheduledEvent,
  SharedStateEvent,
  ThresholdEvent,
  ThresholdReason,
  TokenEvent,
  TransitionEvent,
} from './observe/events.js';
export type { CallEnd, CallInfo, CallTrace, Instrumentation } from './observe/instrumentation.js';
export type { LatencyPercentiles } from './observe/latency-sketch.js';
export { LATENCY_BUCKETS_MS, type OperationStats } from './observe/operation-stats.js';
export type { Subscription } from './observe/subscription.js';
export type { BulkheadStats } from './policies/bulkhead/bulkhead.js';
export { type BreakerSetup, CircuitBreaker, REFUSED } from './policies/circuit-breaker/breaker.js';
export type { HealthSummary } from './policies/circuit-breaker/health-summary.js';
export { BREAKER_DEFAULTS, type BreakerInput, type BreakerOptions } from './policies/circuit-breaker/options.js';
export { Permit } from './policies/circuit-breaker/permit.js';
export type { PresetName } from './policies/circuit-breaker/presets.js';
export type { Ramp, RampOptions } from './policies/circuit-breaker/recovery/ramp.js';
export type { ReopenBackoff, ReopenBackoffOptions } from './policies/circuit-breaker/recovery/reopen-backoff.js';
export { BreakerRegistry, defaultRegistry, type RegistryOptions } from './policies/circuit-breaker/registry.js';
export type { BreakerSnapshot } from './policies/circuit-breaker/snapshot.js';
export type { BreakerState, OpenReason, Outcome, RefusalReason, StateKind } from './policies/circuit-breaker/state.js';
export type { FailureThresholdCounts, SlidingWindow, SlidingWindowOptions } from './policies/circuit-breaker/window/options.js';
export {
  chain,
  type Fallback,
  FallbackChain,
  type FallbackContext,
  type FallbackFunction,
  lastGood,
  value,
} from './policies/fallback/fallback.js';
export type { RateLimiterStats } from './policies/rate-limit/rate-limiter.js';
