/** The runtime of generated clients, and the parts of it that are useful by themselves. */
export { type BreakerSetup, CircuitBreaker, REFUSED } from './breaker/breaker.js';
export { getCircuitBreaker, type SharedCircuitOptions } from './breaker/get-circuit-breaker.js';
export { BREAKER_DEFAULTS, type BreakerOptions } from './breaker/options.js';
export { Permit } from './breaker/permit.js';
export { BreakerRegistry, defaultRegistry, type HealthSummary } from './breaker/registry.js';
export type { BreakerState, Outcome, StateKind } from './breaker/state.js';
export type { BreakerSnapshot } from './breaker/stats.js';
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
export type { CallOptions, ClientOptions, RetryOptions, ServiceDefinition } from './client/options.js';
export { type Caller, call, OperationDescription, ServiceClient } from './client/service-client.js';
export { type Clock, systemClock, type TimerHandle } from './clock.js';
export { POLICY_DEFAULTS } from './config/defaults.js';
export type { ExplainedValue, NamedLayer } from './config/layers.js';
export type { FallbackStep, PolicyLayer, PolicyValues, ServiceLayers, ServicePolicies } from './config/types.js';
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
export { ThrownError } from './errors/thrown-error.js';
export type {
  CallFailedEvent,
  CallRejectedEvent,
  EventListener,
  EventOf,
  FallbackUsedEvent,
  FuselineEvent,
  RetryScheduledEvent,
  Subscription,
  TransitionEvent,
} from './observe/events.js';
export { type AnswerSource, ApiPromise, type Result, type WithResponse } from './pipeline/api-promise.js';
export { type Protected, protect } from './pipeline/protect.js';
export type { ProtectOptions, ProtectRetry } from './pipeline/protect-options.js';
export { type ProtectedByOptions, protectedBy } from './pipeline/protected-by.js';
export type { ProtectContext } from './pipeline/run.js';
export { chain, type Fallback, FallbackChain, type FallbackContext, type FallbackFunction, lastGood, value } from './policies/fallback.js';
export type { FileInput } from './transport/body.js';
export type { DispatcherLike, TransportController, TransportHandler, TransportRequest } from './transport/types.js';
