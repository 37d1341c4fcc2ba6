import type { LivePolicies } from '../../config/live/live-policies.js';
import { PolicySource } from '../../config/live/policy-source.js';
import type { PolicyLayer } from '../../config/types.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { parseBaseUrl } from '../client/base-url.js';
import type { Operation } from '../client/descriptor.js';
import type { ServiceDefinition } from '../client/options.js';
import { BoundedMap } from './bounded-map.js';
import { OperationPlan, type PlanBase } from './operation-plan.js';

/** The inputs of the plans of a client's operations. */
export interface PlanInputs {
  readonly service: ServiceDefinition;
  /** The client's options. */
  readonly layer: PolicyLayer;
  readonly environment: string | undefined;
  /** The environment variables that configure the service. */
  readonly env: Readonly<Record<string, string>>;
  /** The `baseUrl` option of the client. */
  readonly baseUrl: string | undefined;
}

/** Largest number of different settings per service that are kept for later clients. */
const KEPT = 64;

/**
 * The plans of a service's operations for one set of settings. Clients of one registry with equal settings share them, so that a client created per
 * request does not compute them again.
 */
export class ServicePlans implements PlanBase {
  readonly service: ServiceDefinition;
  readonly source: PolicySource;
  readonly baseUrl: URL | undefined;
  readonly ownBaseUrl: boolean;
  #version = -1;
  #plans = new WeakMap<Operation, OperationPlan>();

  /** @throws {ConfigurationError} if the base URL or an environment variable cannot be read. */
  constructor({ service, layer, environment, env, baseUrl }: PlanInputs) {
    this.service = service;
    this.baseUrl = parseBaseUrl(baseUrl ?? service.baseUrl, service.name);
    this.ownBaseUrl = baseUrl !== undefined;
    // Copied, because a list in a client's options can change later, and other clients use these settings, too.
    this.source = new PolicySource(service, structuredClone(layer), environment, env);
    this.source.checkEnvironment();
  }

  /** Returns the plan of an operation under the current policies. @throws {ConfigurationError} if settings are invalid. */
  plan(operation: Operation, live: LivePolicies): OperationPlan {
    if (this.#version !== live.version) {
      this.#plans = new WeakMap();
      this.#version = live.version;
    }
    let plan = this.#plans.get(operation);
    if (plan === undefined) {
      plan = new OperationPlan(operation, this, live.of(this.service));
      this.#plans.set(operation, plan);
    }
    return plan;
  }
}

const kept = new WeakMap<BreakerRegistry, WeakMap<ServiceDefinition, BoundedMap<ServicePlans>>>();

/**
 * Returns the plans for these settings. All clients of the registry with equal settings share them.
 *
 * @throws {ConfigurationError} if the base URL or an environment variable cannot be read.
 */
export function servicePlans(registry: BreakerRegistry, inputs: PlanInputs): ServicePlans {
  let services = kept.get(registry);
  if (services === undefined) {
    services = new WeakMap();
    kept.set(registry, services);
  }
  let ofService = services.get(inputs.service);
  if (ofService === undefined) {
    ofService = new BoundedMap(KEPT, () => true);
    services.set(inputs.service, ofService);
  }
  const key = keyOf(inputs);
  let plans = ofService.get(key);
  if (plans === undefined) {
    plans = new ServicePlans(inputs);
    ofService.set(key, plans);
  }
  return plans;
}

/** Returns a key that is equal only for equal settings. */
function keyOf({ layer, environment, env, baseUrl }: PlanInputs): string {
  if (baseUrl === undefined && isEmpty(layer) && isEmpty(env)) return environment === undefined ? '' : `=${environment}`;
  return JSON.stringify([environment ?? null, baseUrl ?? null, env, layer], exact);
}

/** A replacer for `JSON.stringify` that keeps Infinity and NaN distinct. JSON would write both as null. */
function exact(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}
