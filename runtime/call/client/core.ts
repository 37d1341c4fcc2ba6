import { type Clock, guardedClock, systemClock } from '../../clock.js';
import type { ExplainedValue } from '../../config/layers.js';
import { type LivePolicies, livePolicies } from '../../config/live/live-policies.js';
import { readEnvironment } from '../../config/read-environment.js';
import { checkTimeouts, explainReconciled } from '../../config/timeouts.js';
import type { OperationName, PolicyValues } from '../../config/types.js';
import { warnOfUnknownVariables } from '../../config/unknown-variables.js';
import { isDevelopment } from '../../errors/call-site.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { must } from '../../errors/given.js';
import { unknownName } from '../../errors/known-options.js';
import { isInstance } from '../../errors/readable.js';
import type { EventListener } from '../../observe/event-hub.js';
import { BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { compileFallback } from '../../policies/fallback/fallback.js';
import type { LastGoodStore } from '../../policies/fallback/last-good.js';
import { RetryBudget } from '../../policies/retry/retry-budget.js';
import { CURRENT, forgiven, type UserFunction, userFunction } from '../../user-code.js';
import { type CompilingClient, compileOperation } from '../compile.js';
import type { CompiledOperation } from '../operation.js';
import { loadOptionalCode, optionalCode } from '../optional-code.js';
import { maySign } from '../request/may-sign.js';
import { idOf } from '../request/sender.js';
import { ClientCredentials } from '../request/signing.js';
import { CallSettings } from '../settings.js';
import type { OperationPlan } from '../shared/operation-plan.js';
import { type ServicePlans, servicePlans } from '../shared/service-plans.js';
import { sharedState } from '../shared/shared-state.js';
import { Chains } from '../stages.js';
import { isPlatformFetch } from '../transport/platform-fetch.js';
import { agentIsFetch, holdAgent, loadedAgent, loadedFetch, releaseAgent, sharedAgent, sharedFetch } from '../transport/shared.js';
import type { DispatcherLike } from '../transport/types.js';
import { type ClientSetting, clientSettings } from './client-settings.js';
import type { Operation } from './descriptor.js';
import { checkKinds, takeOptions } from './given-options.js';
import { ClientLife } from './life.js';
import { clientLayer } from './option-layers.js';
import { type ClientOptions, MAX_RESPONSE_BYTES, type ServiceDefinition } from './options.js';
import { checkSchemeNames } from './scheme-names.js';

/** A compiled operation and its chains. */
export interface Compiled {
  readonly op: CompiledOperation;
  readonly chains: Chains;
}

/** The state that all calls of a client need, resolved once. It is not public, so that calls cannot bypass the policies. */
export class ClientCore implements CompilingClient {
  readonly clock: Clock;
  readonly life: ClientLife;
  readonly random: UserFunction<() => number>;
  readonly registry: BreakerRegistry;
  readonly maxResponseBytes: number;
  /** Errors name the line that made the call. */
  readonly capturesStack: boolean;
  readonly lastGood: LastGoodStore;
  readonly service: ServiceDefinition;
  readonly options: ClientOptions;
  readonly credentials: ClientCredentials;
  /** Receives the events of this client's calls. */
  readonly onEvent: UserFunction<EventListener> | undefined;
  /** The part of a sender's identity that the user's dispatcher adds, as pairs in the form of `Sender.identity`. */
  readonly via: string;
  /** An instrumentation has added headers that tell senders apart. */
  signedByTrace = false;
  readonly #dispatcherSigns: boolean;
  readonly #identity: string | UserFunction<() => string> | undefined;
  /** The transport that follows redirects, once it is loaded. */
  #following: DispatcherLike | undefined;
  readonly #live: LivePolicies;
  readonly #plans: ServicePlans;
  readonly #compiled = new Map<Operation, Compiled>();

  /** @throws {ConfigurationError} naming the invalid option or environment variable. */
  constructor(service: ServiceDefinition, given: ClientOptions, operations: ReadonlyMap<string, Operation>) {
    checkKinds(given);
    const options = takeOptions(given);
    this.service = service;
    this.options = options;
    this.clock = guardedClock(options.clock ?? systemClock);
    this.random = userFunction(options.random ?? Math.random);
    this.onEvent = options.onEvent === undefined ? undefined : userFunction(options.onEvent);
    this.#identity = typeof options.identity === 'function' ? userFunction(options.identity) : options.identity;
    this.via = options.dispatcher === undefined ? '' : `\n:dispatcher\n${idOf(options.dispatcher)}`;
    this.#dispatcherSigns = options.dispatcher !== undefined && maySign(options.dispatcher);
    this.credentials = new ClientCredentials(options);
    this.registry = options.registry === undefined ? defaultRegistry : options.registry;
    must(isInstance(this.registry, BreakerRegistry), 'registry', options.registry, 'a BreakerRegistry');
    const { instrumentation } = options;
    if (instrumentation !== undefined && typeof instrumentation?.callStarted !== 'function')
      throw new ConfigurationError('instrumentation', instrumentation, 'an object with a function callStarted');
    const shared = sharedState(this.registry);
    this.lastGood = shared.lastGood;
    this.maxResponseBytes = options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    const { maxResponseBytes } = this;
    must(typeof maxResponseBytes === 'number' && maxResponseBytes > 0, 'maxResponseBytes', maxResponseBytes, 'bytes, more than 0');
    this.#live = livePolicies(this.registry);
    const layer = clientLayer(options);
    const env = readEnvironment(service, options.env);
    const environment = options.environment ?? env.environment;
    this.capturesStack = options.captureStack ?? isDevelopment(environment);
    this.#plans = servicePlans(this.registry, { service, layer, environment, env: env.variables, baseUrl: options.baseUrl });
    checkFallbackIds(options.fallbacks, operations, service.name);
    checkSchemeNames(this.credentials, service, operations.values());
    warnOfUnknownVariables(service.name, options.env ?? (typeof process === 'undefined' ? {} : process.env));
    // Loaded early, so that the first call need not wait. If loading fails, the first call reports it.
    if (layer.bulkheadMaxConcurrent != null || layer.rateLimitEnabled === true || layer.coalesce === true)
      void loadOptionalCode().catch(() => undefined);
    checkTimeouts(layer, service.name);
    this.life = new ClientLife(this.clock, () => {
      if (this.usesAgent) releaseAgent();
    });
    if (this.usesAgent) {
      holdAgent();
      if (loadedAgent() === undefined) void sharedAgent().catch(() => undefined);
    }
    // Last, so that a client whose constructor throws is not recorded.
    shared.services.add(service.name);
  }

  /**
   * Returns the operation compiled with its current policies. Compiles it at its first call, and again after a reload.
   *
   * @throws {ConfigurationError} if settings are invalid.
   */
  compiled(operation: Operation): Compiled {
    const compiled = this.#compiled.get(operation);
    return compiled !== undefined && compiled.op.version === this.#live.version ? compiled : this.#compile(operation, compiled?.op);
  }

  #compile(operation: Operation, previous: CompiledOperation | undefined): Compiled {
    const { version } = this.#live;
    const plan = this.#plans.plan(operation, this.#live);
    const op = compileOperation(this, operation, plan, this.#settings(operation, plan), version, previous?.breaker);
    if (previous !== undefined) optionalCode()?.outdateLimits(previous, version);
    const compiled = { op, chains: new Chains(op) };
    this.#compiled.set(operation, compiled);
    return compiled;
  }

  policy(operation: OperationName): PolicyValues {
    return this.#plans.source.policy(this.#live.of(this.service), operation);
  }

  explain(operation: OperationName): readonly ExplainedValue[] {
    return explainReconciled(this.#plans.source.layers(this.#live.of(this.service), operation));
  }

  /** Returns the settings of this client that no YAML has. */
  clientSettings(): readonly ClientSetting[] {
    const env = typeof process === 'undefined' ? {} : process.env;
    const environment = this.options.environment ?? readEnvironment(this.service, this.options.env).environment;
    return clientSettings({ environment, env, given: this.options });
  }

  /** Returns the user's name for the sender of a call that starts now. */
  identity(): string | undefined {
    const identity = this.#identity;
    if (identity === undefined || typeof identity === 'string') return identity;
    const given: unknown = forgiven(CURRENT.call(identity));
    if (typeof given !== 'string') throw new TypeError(`identity returned ${given === null ? 'null' : typeof given}, expected a string`);
    return given;
  }

  get transport(): string {
    return this.options.transport ?? 'undici';
  }

  get overFetch(): boolean {
    return this.options.dispatcher === undefined && (this.options.transport === 'fetch' || agentIsFetch());
  }

  /** Requests go out through the agent that clients share. */
  get usesAgent(): boolean {
    return this.options.transport !== 'fetch' && this.options.dispatcher === undefined;
  }

  get documentUrl(): string | undefined {
    return this.service.baseUrl;
  }

  get signsUnseen(): boolean {
    return this.#dispatcherSigns || (this.overFetch && !isPlatformFetch());
  }

  /** Whether something outside may add credentials that the client lacks. */
  get mayBeSignedOutside(): boolean {
    const { dispatcher, instrumentation, transport } = this.options;
    return dispatcher !== undefined || instrumentation !== undefined || transport === 'fetch';
  }

  /** Returns the transport; undefined if it is not loaded yet. */
  dispatcher(): DispatcherLike | undefined {
    const { dispatcher, transport, redirects } = this.options;
    if (redirects === 'follow') return this.#following;
    return dispatcher ?? (transport === 'fetch' ? loadedFetch() : loadedAgent());
  }

  loadDispatcher(): Promise<DispatcherLike> {
    return this.options.redirects === 'follow' ? this.#loadFollowing() : this.#loadTransport();
  }

  async #loadFollowing(): Promise<DispatcherLike> {
    const { FollowingTransport } = await import('../transport/redirects.js');
    const transport = this.options.dispatcher ?? (await this.#loadTransport());
    this.#following ??= new FollowingTransport(transport);
    return this.#following;
  }

  #loadTransport(): Promise<DispatcherLike> {
    return this.options.transport === 'fetch' ? sharedFetch() : sharedAgent();
  }

  /** Returns the retry budget of a service and origin. */
  budget(key: string): RetryBudget {
    const { budgets } = sharedState(this.registry);
    let budget = budgets.get(key);
    if (budget === undefined) {
      budget = new RetryBudget();
      budgets.set(key, budget);
    }
    return budget;
  }

  /** True if the user's code can run later in a call of any operation. The call must then capture its asynchronous context. */
  get runsUserCode(): boolean {
    const { onEvent, instrumentation, dispatcher, transport, random } = this.options;
    const given = onEvent ?? instrumentation ?? dispatcher ?? random;
    return given !== undefined || transport === 'fetch' || agentIsFetch();
  }

  get compiledOperations(): Iterable<CompiledOperation> {
    return [...this.#compiled.values()].map(({ op }) => op);
  }

  #settings(operation: Operation, { policy, settings }: OperationPlan): CallSettings {
    const { fallbacks } = this.options;
    if (fallbacks === undefined || !Object.hasOwn(fallbacks, operation.id)) return settings;
    const given: unknown = (fallbacks as Record<string, unknown>)[operation.id];
    if (given === undefined) return settings;
    return CallSettings.of(operation, policy, compileFallback(given));
  }
}

function checkFallbackIds(fallbacks: object | undefined, known: ReadonlyMap<string, Operation>, service: string): void {
  if (fallbacks === undefined || known.size === 0) return;
  for (const id of Object.keys(fallbacks)) {
    if (!known.has(id)) throw unknownName(`fallbacks['${id}']`, `no operation of ${service}`, id, known.keys(), 'a known operation');
  }
}
