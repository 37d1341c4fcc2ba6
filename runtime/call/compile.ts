import { breakerInput } from '../config/breaker-values.js';
import { noteOrigin } from '../config/live/live-policies.js';
import type { PolicySource } from '../config/live/policy-source.js';
import type { PolicyValues } from '../config/types.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import type { Instrumentation } from '../observe/instrumentation.js';
import type { Tracing } from '../observe/safe-trace.js';
import { CallEvents } from '../policies/call-events.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import type { CompiledStep } from '../policies/fallback/fallback.js';
import type { RetryBudget } from '../policies/retry/retry-budget.js';
import { userObject } from '../user-code.js';
import { circuitName } from './circuit-name.js';
import type { Operation } from './client/descriptor.js';
import { missingCredentials } from './client/missing-credentials.js';
import type { ClientOptions, ServiceDefinition } from './client/options.js';
import type { ClientParts } from './client-parts.js';
import type { CompiledOperation } from './operation.js';
import { takesToken } from './request/auth.js';
import { HeaderCache } from './request/headers.js';
import { type CompiledPath, compilePath } from './request/url.js';
import { CallSettings } from './settings.js';
import { statsOf } from './shared/shared-state.js';

/** The parts of a client that compiling needs, besides those that calls need. */
export interface CompilingClient extends ClientParts {
  readonly service: ServiceDefinition;
  readonly options: ClientOptions;
  readonly source: PolicySource;
  readonly baseUrl: URL | undefined;
  /** The user's code may run later in a call of any operation. */
  readonly runsUserCode: boolean;
  budget(key: string): RetryBudget;
}

/** Compiles an operation. `previous` is its circuit before a reload. @throws {ConfigurationError} if there is no base URL. */
export function compileOperation(
  client: CompilingClient,
  operation: Operation,
  policy: PolicyValues,
  fallback: readonly CompiledStep[],
  version: number,
  previous: CircuitBreaker | undefined,
): CompiledOperation {
  // The user's base URL overrides a server that the document names for one operation: it is a mock, a proxy or a region.
  const base = operation.server !== undefined && client.options.baseUrl === undefined ? new URL(operation.server) : client.baseUrl;
  if (base === undefined)
    throw new ConfigurationError('baseUrl', undefined, `an absolute URL: the document of ${operation.service} names no server`);
  const params = operation.params ?? [];
  const breaker = obtainCircuit(client, operation, policy, base.origin, previous);
  const security = operation.security ?? client.service.security;
  const needsToken = security.some(takesToken);
  return {
    client,
    version,
    operation,
    policy,
    settings: CallSettings.of(operation, policy, fallback),
    place: { service: operation.service, operation: operation.id },
    origin: base.origin,
    basePath: base.pathname.replace(/\/+$/, ''),
    path: compiledPath(operation),
    query: params.filter((param) => param.in === 'query'),
    headerParams: params.filter((param) => param.in === 'header' || param.in === 'cookie'),
    security,
    needsToken,
    lacks: missingCredentials(operation, security, client),
    runsUserCode: client.runsUserCode || (needsToken && client.asksForToken),
    headers: new HeaderCache(operation, security, client.options),
    breaker,
    budget: client.budget(`${operation.service} ${base.origin}`),
    events: new CallEvents(breaker, operation.id),
    stats: statsOf(client.registry, operation.service, operation.id),
    tracing: tracingOf(client.options.instrumentation, operation, breaker.name, base.origin),
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
  client: CompilingClient,
  operation: Operation,
  policy: PolicyValues,
  origin: string,
  previous: CircuitBreaker | undefined,
): CircuitBreaker {
  const { baseUrl } = client.service;
  // Not `core`: the circuit keeps this for as long as it lives.
  const { id, namespace, service } = operation;
  const nameUnder = (scope: PolicyValues['scope']): string => circuitName({ id, namespace, service }, scope, origin, baseUrl);
  const name = nameUnder(policy.scope);
  // First, so that a circuit for which the registry has no room follows them as well.
  client.registry.planFollows(new Map([[service, policy.follows]]))();
  const circuit = client.registry.obtain(name, service, breakerInput(policy), client.clock, previous, client.options.random);
  noteOrigin(circuit, { source: client.source, operation: { namespace, id }, name, nameUnder });
  return circuit;
}
