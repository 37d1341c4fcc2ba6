import type { Clock } from '../../clock.js';
import { breakerInput } from '../../config/breaker-values.js';
import { noteOrigin } from '../../config/live/live-policies.js';
import type { PolicySource } from '../../config/live/policy-source.js';
import { checkTimeouts } from '../../config/timeouts.js';
import type { PolicyValues, ServicePolicies } from '../../config/types.js';
import type { ErrorPlace } from '../../errors/base.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { CallEvents } from '../../policies/call-events.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { circuitName } from '../circuit-name.js';
import type { Operation, ParamDescriptor, SecurityDescriptor } from '../client/descriptor.js';
import { checkInheritedOfOperation } from '../client/inherited.js';
import type { ServiceDefinition } from '../client/options.js';
import { HeaderPlan } from '../request/header-plan.js';
import { type CompiledPath, compilePath } from '../request/url.js';
import { CallSettings } from '../settings.js';

/** A circuit, and the emitter of the events of one operation's calls through it. */
export interface PlannedCircuit {
  readonly breaker: CircuitBreaker;
  readonly events: CallEvents;
}

/** The parts of a client from which a new circuit is created. */
export interface CircuitMaker {
  readonly registry: BreakerRegistry;
  readonly clock: Clock;
  readonly options: { readonly random?: (() => number) | undefined };
}

/** The destination of a plan's requests, and the source of its settings. */
export interface PlanBase {
  readonly service: ServiceDefinition;
  readonly source: PolicySource;
  /** The base URL of the client, otherwise that of the OpenAPI document. */
  readonly baseUrl: URL | undefined;
  /** The base URL was given to the client. */
  readonly ownBaseUrl: boolean;
}

/**
 * The part of a compiled operation that does not depend on the client. Clients with equal settings share it, so it contains no token, header,
 * callback, dispatcher or clock of a client.
 */
export class OperationPlan {
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
  readonly headers: HeaderPlan;
  readonly budgetKey: string;
  /** The settings of calls that use the configured fallback. */
  readonly settings: CallSettings;
  readonly #base: PlanBase;
  readonly #operation: Operation;
  #circuit: PlannedCircuit | undefined;

  /** @throws {ConfigurationError} if there is no base URL, or settings contradict each other. */
  constructor(operation: Operation, base: PlanBase, policies: ServicePolicies) {
    checkInheritedOfOperation(operation);
    this.#operation = operation;
    this.#base = base;
    this.policy = base.source.policy(policies, operation);
    checkTimeouts(this.policy, operation.id);
    // The user's base URL overrides a server that the document declares for one operation, because it is a mock, a proxy or a region.
    const url = operation.server !== undefined && !base.ownBaseUrl ? new URL(operation.server) : base.baseUrl;
    if (url === undefined)
      throw new ConfigurationError('baseUrl', undefined, `an absolute URL: the document of ${operation.service} names no server`);
    const params = operation.params ?? [];
    this.place = { service: operation.service, operation: operation.id };
    this.origin = url.origin;
    this.basePath = url.pathname.replace(/\/+$/, '');
    this.path = compiledPath(operation);
    this.query = params.filter((param) => param.in === 'query');
    this.headerParams = params.filter((param) => param.in === 'header' || param.in === 'cookie');
    this.security = operation.security ?? base.service.security;
    this.headers = new HeaderPlan(operation, this.security);
    this.budgetKey = `${operation.service} ${url.origin}`;
    this.settings = CallSettings.of(operation, this.policy, this.policy.fallback);
  }

  /** Returns the circuit for a client's calls. `previous` is the circuit that the client used before a reload. */
  circuit(client: CircuitMaker, previous: CircuitBreaker | undefined): PlannedCircuit {
    const { service, id } = this.#operation;
    const { registry, clock } = client;
    // Done first, so that it also applies to a circuit that the registry does not keep because it is full.
    registry.planFollows(new Map([[service, this.policy.follows]]))();
    const known = this.#circuit;
    if (previous === undefined && known !== undefined && registry.has(known.breaker)) {
      known.breaker.askedAt = clock.now();
      return known;
    }
    const breaker = this.#obtain(client, previous);
    const circuit = { breaker, events: new CallEvents(breaker, id) };
    // A circuit from before a reload can differ from the one that a new client would get.
    if (previous === undefined) this.#circuit = circuit;
    return circuit;
  }

  #obtain({ registry, clock, options }: CircuitMaker, previous: CircuitBreaker | undefined): CircuitBreaker {
    const { baseUrl } = this.#base.service;
    const { origin } = this;
    // Copies only these fields, because the circuit keeps them as long as it exists.
    const { id, namespace, service } = this.#operation;
    const nameUnder = (scope: PolicyValues['scope']): string => circuitName({ id, namespace, service }, scope, origin, baseUrl);
    const name = nameUnder(this.policy.scope);
    const circuit = registry.obtain(name, service, breakerInput(this.policy), clock, previous, options.random);
    noteOrigin(circuit, { source: this.#base.source, operation: { namespace, id }, name, nameUnder });
    return circuit;
  }
}

function compiledPath(operation: Operation): CompiledPath {
  try {
    return compilePath(operation);
  } catch {
    throw new ConfigurationError(`path of ${operation.id}`, operation.path, 'well-formed Unicode');
  }
}
