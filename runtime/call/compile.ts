import type { Instrumentation } from '../observe/instrumentation.js';
import type { Tracing } from '../observe/safe-trace.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import type { RetryBudget } from '../policies/retry/retry-budget.js';
import { userObject } from '../user-code.js';
import type { Operation } from './client/descriptor.js';
import { KnownSettings } from './client/known-settings.js';
import { missingCredentials } from './client/missing-credentials.js';
import type { ClientOptions, ServiceDefinition } from './client/options.js';
import type { ClientParts } from './client-parts.js';
import type { CompiledOperation } from './operation.js';
import { HeaderCache } from './request/headers.js';
import { maySign } from './request/may-sign.js';
import { type ClientCredentials, UNSIGNED } from './request/signing.js';
import type { CallSettings } from './settings.js';
import type { OperationPlan } from './shared/operation-plan.js';
import { statsOf } from './shared/shared-state.js';

/** The parts of a client that compiling needs, besides those that calls need. */
export interface CompilingClient extends ClientParts {
  readonly service: ServiceDefinition;
  readonly options: ClientOptions;
  readonly credentials: ClientCredentials;
  /** Something outside may add credentials that the client lacks. */
  readonly mayBeSignedOutside: boolean;
  /** The user's code may run later in a call of any operation. */
  readonly runsUserCode: boolean;
  budget(key: string): RetryBudget;
}

/** Compiles an operation: combines its plan with the client's own state. `previous` is the operation's circuit before a reload. */
export function compileOperation(
  client: CompilingClient,
  operation: Operation,
  plan: OperationPlan,
  settings: CallSettings,
  version: number,
  previous: CircuitBreaker | undefined,
): CompiledOperation {
  const { policy, place, origin, basePath, path, query, headerParams, security } = plan;
  const signing = client.credentials.signing(security) ?? UNSIGNED;
  const { breaker, events } = plan.circuit(client, previous);
  return {
    client,
    version,
    operation,
    policy,
    settings,
    known: new KnownSettings(),
    place,
    origin,
    basePath,
    path,
    query,
    headerParams,
    security,
    signing,
    lacks: missingCredentials(operation, security, client),
    runsUserCode: client.runsUserCode || signing.asks,
    headers: new HeaderCache(plan.headers, signing, client.options),
    breaker,
    // Looked up by name, because the budget or the counters can have been evicted in the meantime.
    budget: client.budget(plan.budgetKey),
    events,
    stats: statsOf(client.registry, operation.service, operation.id),
    tracing: tracingOf(client.options.instrumentation, operation, breaker.name, origin),
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
    signs: maySign(instrumentation),
  };
}
