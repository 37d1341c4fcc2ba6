import { breakerInput } from '../config/breaker-values.js';
import { IDEMPOTENT_METHODS } from '../config/defaults.js';
import { noteOrigin } from '../config/live/live-policies.js';
import type { PolicyValues } from '../config/types.js';
import type { ErrorPlace } from '../errors/base.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { Instrumentation } from '../observe/instrumentation.js';
import type { OperationStats } from '../observe/operation-stats.js';
import type { Tracing } from '../observe/safe-trace.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import { leaseOf } from '../policies/circuit-breaker/options.js';
import type { CompiledStep } from '../policies/fallback/fallback.js';
import type { RetryBudget } from '../policies/retry/retry-budget.js';
import { userObject } from '../user-code.js';
import { statusTable } from './answer/classify.js';
import type { ClientCore } from './client/core.js';
import type { Operation, ParamDescriptor, SecurityDescriptor } from './client/descriptor.js';
import type { LimitSlot } from './limits-code.js';
import { HeaderCache } from './request/headers.js';
import { type CompiledPath, compilePath } from './request/url.js';
import { statsOf } from './shared/shared-state.js';

/** One operation of one client with everything that does not change from call to call. */
export interface CompiledOperation {
  readonly core: ClientCore;
  /** Of the configuration that it was compiled from. */
  readonly version: number;
  readonly operation: Operation;
  readonly policy: PolicyValues;
  readonly place: ErrorPlace;
  readonly origin: string;
  /** Path of the base URL, without a trailing slash. */
  readonly basePath: string;
  readonly path: CompiledPath;
  readonly query: readonly ParamDescriptor[];
  /** Parameters that are headers or cookies. */
  readonly headerParams: readonly ParamDescriptor[];
  readonly security: readonly SecurityDescriptor[];
  /** Whether code of the user's may run after a call has begun, in callbacks of sockets, timers and other calls. */
  readonly runsUserCode: boolean;
  /** Some scheme takes the token. A token function is not asked for others: it may itself call an operation that needs none. */
  readonly needsToken: boolean;
  readonly headers: HeaderCache;
  readonly breaker: CircuitBreaker;
  readonly budget: RetryBudget;
  readonly stats: OperationStats;
  /** Undefined where the client is not instrumented. */
  readonly tracing: Tracing | undefined;
  readonly statuses: Uint8Array;
  /** How long a probe may hold its place. */
  readonly leaseMs: number;
  /** May a request that perhaps reached the server be sent again? */
  readonly repeatable: boolean;
  readonly fallback: readonly CompiledStep[];
  /** Some step of the fallback wants the last good response, so good responses are kept. */
  readonly keepsLastGood: boolean;
  /** Bulkhead and rate limiter; undefined where both are off. */
  readonly limits: LimitSlot | undefined;
  /** Equal calls that are in flight at once share a request. */
  readonly coalesces: boolean;
}

/** `previous` is the circuit that the operation went through before a reload. @throws {ConfigurationError} where there is no base URL. */
export function compileOperation(
  core: ClientCore,
  operation: Operation,
  policy: PolicyValues,
  fallback: readonly CompiledStep[],
  version: number,
  previous: CircuitBreaker | undefined,
): CompiledOperation {
  // A base URL of the user's wins over a server that the document names for one operation: it is a mock, a proxy or a region.
  const base = operation.server !== undefined && core.options.baseUrl === undefined ? new URL(operation.server) : core.baseUrl;
  if (base === undefined)
    throw new ConfigurationError('baseUrl', undefined, `an absolute URL: the document of ${operation.service} names no server`);
  const params = operation.params ?? [];
  const breaker = obtainCircuit(core, operation, policy, base.origin, previous);
  const security = operation.security ?? core.service.security;
  const needsToken = security.some((scheme) => scheme.type !== 'basic');
  return {
    core,
    version,
    operation,
    ...policyParts(operation, policy, fallback),
    limits: policy.bulkheadMaxConcurrent !== null || policy.rateLimitEnabled ? { made: undefined } : undefined,
    coalesces: policy.coalesce && isRead(operation),
    place: { service: operation.service, operation: operation.id },
    origin: base.origin,
    basePath: base.pathname.replace(/\/+$/, ''),
    path: compiledPath(operation),
    query: params.filter((param) => param.in === 'query'),
    headerParams: params.filter((param) => param.in === 'header' || param.in === 'cookie'),
    security,
    needsToken,
    runsUserCode: core.runsUserCode || (needsToken && typeof core.options.token === 'function') || hasFunction(fallback),
    headers: new HeaderCache(operation, security, core.options),
    breaker,
    budget: core.budget(`${operation.service} ${base.origin}`),
    stats: statsOf(core.registry, operation.service, operation.id),
    tracing: tracingOf(core.options.instrumentation, operation, breaker.name, base.origin),
  };
}

export function hasFunction(fallback: readonly CompiledStep[]): boolean {
  return fallback.some((step) => step.kind === 'function');
}

/** Asking twice changes nothing (RFC 9110 section 9.2.1), so one answer does for all who ask at once. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

export function isRead({ method }: Operation): boolean {
  return READS.has(method);
}

/** The parts that a call's own options can change. */
export function policyParts(
  operation: Operation,
  policy: PolicyValues,
  fallback: readonly CompiledStep[],
): Pick<CompiledOperation, 'policy' | 'statuses' | 'leaseMs' | 'repeatable' | 'fallback' | 'keepsLastGood'> {
  return {
    policy,
    statuses: statusTable(policy),
    leaseMs: leaseOf(policy.timeoutMs, policy.totalTimeoutMs),
    repeatable: policy.idempotent ?? (operation.idempotencyHeader !== undefined || IDEMPOTENT_METHODS.has(operation.method)),
    fallback,
    keepsLastGood: fallback.some((step) => step.kind === 'lastGood'),
  };
}

function tracingOf(
  instrumentation: Instrumentation | undefined,
  { service, id, method, path }: Operation,
  circuit: string,
  origin: string,
): Tracing | undefined {
  if (instrumentation === undefined) return undefined;
  return {
    instrumentation: userObject(instrumentation),
    info: Object.freeze({ service, operation: id, circuit, method, pathTemplate: path, origin }),
  };
}

function compiledPath(operation: Operation): CompiledPath {
  try {
    return compilePath(operation);
  } catch {
    throw new ConfigurationError(`path of ${operation.id}`, operation.path, 'well-formed Unicode');
  }
}

function obtainCircuit(
  core: ClientCore,
  operation: Operation,
  policy: PolicyValues,
  origin: string,
  previous: CircuitBreaker | undefined,
): CircuitBreaker {
  const { baseUrl } = core.service;
  // Not `core`: the circuit keeps this for as long as it lives.
  const { id, namespace, service } = operation;
  const nameUnder = (scope: PolicyValues['scope']): string => circuitName({ id, namespace, service }, scope, origin, baseUrl);
  const name = nameUnder(policy.scope);
  // First, so that a circuit for which the registry has no room follows them as well.
  core.registry.planFollows(new Map([[service, policy.follows]]))();
  const circuit = core.registry.obtain(name, service, breakerInput(policy), core.clock, previous, core.options.random);
  noteOrigin(circuit, { source: core.source, operation: { namespace, id }, name, nameUnder });
  return circuit;
}

/** `ghl`, or `ghl@host` at another origin than the document's, or where it names none; narrowed by the policy's scope. */
export function circuitName(
  { id, namespace, service }: Pick<Operation, 'id' | 'namespace' | 'service'>,
  scope: PolicyValues['scope'],
  origin: string,
  baseUrl: string | undefined,
): string {
  const usual = baseUrl === undefined ? undefined : new URL(baseUrl).origin;
  const name = origin === usual ? service : `${service}@${new URL(origin).host}`;
  if (scope === 'namespace') return `${name}/${namespace}`;
  return scope === 'operation' ? `${name}/${id}` : name;
}
