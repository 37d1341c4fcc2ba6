/** The runtime of generated clients, and the parts of it that are useful by themselves. */
export { type BreakerSetup, CircuitBreaker, REFUSED } from './breaker/breaker.js';
export type { HealthSummary } from './breaker/health-summary.js';
export { BREAKER_DEFAULTS, type BreakerInput, type BreakerOptions } from './breaker/options.js';
export { Permit } from './breaker/permit.js';
export type { PresetName } from './breaker/presets.js';
export type { Ramp, RampOptions } from './breaker/recovery/ramp.js';
export type { ReopenBackoff, ReopenBackoffOptions } from './breaker/recovery/reopen-backoff.js';
export { BreakerRegistry, defaultRegistry, type RegistryOptions } from './breaker/registry.js';
export type { BreakerState, OpenReason, Outcome, RefusalReason, StateKind } from './breaker/state.js';
export type { BreakerSnapshot } from './breaker/stats.js';
export type { WindowSnapshot } from './breaker/window/health.js';
export type { FailureThresholdCounts, SlidingWindow, SlidingWindowOptions } from './breaker/window/options.js';
export type {
  BodyDescriptor,
  BodyKind,
  HttpMethod,
  Operation,
  ParamDescriptor,
  ParamStyle,
  ResponseDescriptor,
  ResponseKind,
  SecurityDescriptor,
} from './client/descriptor.js';
export type { BulkheadPolicy, CallOptions, ClientOptions, RateLimitPolicy, RetryOptions, ServiceDefinition } from './client/options.js';
export { type Caller, call, OperationDescription, ServiceClient } from './client/service-client.js';
export { limitStats, operationStats } from './client/shared-state.js';
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
  RequestError,
  ResponseParseError,
  RetryExhaustedError,
  TimeoutError,
} from './errors/call-errors.js';
export { ConfigurationError } from './errors/configuration-error.js';
export { HttpError } from './errors/http-error.js';
export { BulkheadFullError, RateLimitedError } from './errors/limit-errors.js';
export type {
  CallFailedEvent,
  CallLimitedEvent,
  CallRejectedEvent,
  ConfigRejectedEvent,
  ConfigReloadedEvent,
  EventListener,
  EventOf,
  FallbackUsedEvent,
  FuselineEvent,
  RetryScheduledEvent,
  SharedStateEvent,
  Subscription,
  ThresholdEvent,
  ThresholdReason,
  TransitionEvent,
} from './observe/events.js';
export type { CallEnd, CallInfo, CallTrace, Instrumentation } from './observe/instrumentation.js';
export type { LatencyPercentiles } from './observe/latency-sketch.js';
export { LATENCY_BUCKETS_MS, type OperationStats } from './observe/operation-stats.js';
export { type AnswerSource, ApiPromise, type Result, type WithResponse } from './pipeline/api-promise.js';
export type { BulkheadStats } from './policies/bulkhead.js';
export { chain, type Fallback, FallbackChain, type FallbackContext, type FallbackFunction, lastGood, value } from './policies/fallback.js';
export type { RateLimiterStats } from './policies/rate-limiter.js';
export type { FileInput } from './transport/body.js';
export type { DispatcherLike, TransportController, TransportHandler, TransportRequest } from './transport/types.js';
