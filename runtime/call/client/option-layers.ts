import { retryLayer } from '../../config/options/retry.js';
import { type Draft, fill, type Rows } from '../../config/options/rows.js';
import { TIME_LIMITS } from '../../config/timeouts.js';
import type { PolicyLayer } from '../../config/types.js';
import { count, duration, flag, wait } from '../../errors/checks.js';
import { withPreset } from '../../policies/circuit-breaker/options.js';
import { limitLayer } from './limit-layer.js';
import type { CallOptions, ClientOptions } from './options.js';
import { recoveryLayer } from './recovery-layer.js';

const CALL: Rows = [
  ...TIME_LIMITS,
  ['idempotent', 'idempotent', flag],
  ['maxWaitMs', 'bulkheadMaxWaitMs', wait],
  ['maxWaitMs', 'rateLimitMaxWaitMs', wait],
];

const BREAKER: Rows = [
  ['enabled', 'enabled', flag],
  ['failureThreshold', 'failureThreshold', count],
  ['successThreshold', 'successThreshold', count],
  ['halfOpenMaxCalls', 'halfOpenMaxCalls', count],
  ['recoveryTimeoutMs', 'recoveryTimeoutMs', duration],
];

/** The layer of a call. A call cannot change the bulkhead. */
type CallLayer = Omit<PolicyLayer, 'bulkheadMaxConcurrent'>;

/** Returns a client's options as a layer. @throws {ConfigurationError} naming option, value and range. */
export function clientLayer(options: ClientOptions): PolicyLayer {
  if (setsNoPolicy(options)) return NO_LAYER;
  const draft: Draft = {};
  fill(draft, '', options, TIME_LIMITS);
  if (options.retry !== undefined) Object.assign(draft, retryLayer(options.retry));
  // An option for all operations must not turn on retries that the YAML turned off for one operation.
  if (draft.retryEnabled === true) delete draft.retryEnabled;
  Object.assign(draft, limitLayer(options));
  if (options.breaker === undefined) return draft;
  const breaker = withPreset(options.breaker);
  fill(draft, 'breaker.', breaker, BREAKER);
  return Object.assign(draft, recoveryLayer(breaker));
}

const NO_LAYER: PolicyLayer = Object.freeze({});

/**
 * The options of a client that set no policy. Every other option does, so a new option of a policy reaches the rows above without an entry here. The
 * compiler refuses the name of an option that does not exist.
 */
const NO_POLICY: ReadonlySet<string> = new Set<keyof ClientOptions>([
  'token',
  'identity',
  'credentials',
  'baseUrl',
  'headers',
  'dispatcher',
  'transport',
  'registry',
  'fallbacks',
  'onEvent',
  'instrumentation',
  'environment',
  'env',
  'maxResponseBytes',
  'clock',
  'random',
  'captureStack',
  'compression',
  'redirects',
]);

/** Fast path: most clients set no policy, and some servers create a client per request. */
function setsNoPolicy(options: ClientOptions): boolean {
  // Inherited options apply as well.
  for (const key in options) if (options[key as keyof ClientOptions] !== undefined && !NO_POLICY.has(key)) return false;
  return true;
}

/** Returns the options of one call as a layer. @throws {ConfigurationError} naming option, value and range. */
export function callLayer(options: CallOptions): CallLayer {
  // Its settings are read by name, so it inherits none.
  const draft: { -readonly [K in keyof CallLayer]: CallLayer[K] } = Object.create(null);
  fill(draft, '', options, CALL);
  return options.retry === undefined ? draft : Object.assign(draft, retryLayer(options.retry));
}
