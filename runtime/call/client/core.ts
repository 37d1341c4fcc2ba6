import { type Clock, guardedClock, systemClock } from '../../clock.js';
import { environmentVariables } from '../../config/environment.js';
import type { ExplainedValue } from '../../config/layers.js';
import { type LivePolicies, livePolicies } from '../../config/live/live-policies.js';
import { PolicySource } from '../../config/live/policy-source.js';
import { checkTimeouts, explainReconciled } from '../../config/timeouts.js';
import type { OperationName, PolicyValues } from '../../config/types.js';
import { warnOfUnknownVariables } from '../../config/unknown-variables.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { must } from '../../errors/given.js';
import { unknownName } from '../../errors/known-options.js';
import type { EventListener } from '../../observe/events.js';
import { BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import { type CompiledStep, compileFallback } from '../../policies/fallback/fallback.js';
import type { LastGoodStore } from '../../policies/fallback/last-good.js';
import { RetryBudget } from '../../policies/retry/retry-budget.js';
import { CURRENT, type UserFunction, type UserScope, userFunction } from '../../user-code.js';
import { type CompilingClient, compileOperation } from '../compile.js';
import type { CompiledOperation } from '../operation.js';
import { loadOptionalCode, optionalCode } from '../optional-code.js';
import { idOf } from '../request/sender.js';
import { sharedState } from '../shared/shared-state.js';
import { Chains } from '../stages.js';
import { sharedAgent, sharedFetch } from '../transport/shared.js';
import type { DispatcherLike } from '../transport/types.js';
import type { Operation } from './descriptor.js';
import { checkKinds } from './given-options.js';
import { clientLayer } from './option-layers.js';
import { type ClientOptions, MAX_RESPONSE_BYTES, type ServiceDefinition } from './options.js';

/** An operation and the ways of its calls. */
export interface Compiled {
  readonly op: CompiledOperation;
  readonly chains: Chains;
}

/** Everything a client's calls need, resolved once. Not public: there is no way around the policies. */
export class ClientCore implements CompilingClient {
  readonly clock: Clock;
  readonly random: UserFunction<() => number>;
  readonly registry: BreakerRegistry;
  readonly baseUrl: URL | undefined;
  readonly maxResponseBytes: number;
  readonly lastGood: LastGoodStore;
  readonly service: ServiceDefinition;
  readonly options: ClientOptions;
  readonly source: PolicySource;
  /** Receives the events of this client's calls. */
  readonly onEvent: UserFunction<EventListener> | undefined;
  /** What of the way of its requests tells senders apart: a dispatcher of the user's. Pairs as in `Sender.identity`. */
  readonly via: string;
  /** An instrumentation has added headers that tell senders apart: from then on no two calls share a request. */
  signedByTrace = false;
  readonly #identity: string | UserFunction<() => string> | undefined;
  readonly #token: string | UserFunction<() => string | Promise<string>> | undefined;
  readonly #live: LivePolicies;
  readonly #compiled = new Map<Operation, Compiled>();

  /** @throws {ConfigurationError} */
  constructor(service: ServiceDefinition, options: ClientOptions, operationIds: ReadonlySet<string> | undefined) {
    checkKinds(options);
    this.service = service;
    this.options = options;
    this.clock = guardedClock(options.clock ?? systemClock);
    this.random = userFunction(options.random ?? Math.random);
    this.onEvent = options.onEvent === undefined ? undefined : userFunction(options.onEvent);
    this.#identity = typeof options.identity === 'function' ? userFunction(options.identity) : options.identity;
    this.via = options.dispatcher === undefined ? '' : `\n:dispatcher\n${idOf(options.dispatcher)}`;
    this.#token = typeof options.token === 'function' ? userFunction(options.token) : options.token;
    this.registry = options.registry === undefined ? defaultRegistry : options.registry;
    must(this.registry instanceof BreakerRegistry, 'registry', options.registry, 'a BreakerRegistry');
    const { instrumentation } = options;
    if (instrumentation !== undefined && typeof instrumentation?.callStarted !== 'function')
      throw new ConfigurationError('instrumentation', instrumentation, 'an object with a function callStarted');
    const shared = sharedState(this.registry);
    this.lastGood = shared.lastGood;
    this.maxResponseBytes = options.maxResponseBytes ?? MAX_RESPONSE_BYTES;
    const { maxResponseBytes } = this;
    must(typeof maxResponseBytes === 'number' && maxResponseBytes > 0, 'maxResponseBytes', maxResponseBytes, 'bytes, more than 0');
    this.baseUrl = parseBaseUrl(options.baseUrl ?? service.baseUrl, service.name);
    this.#live = livePolicies(this.registry);
    const layer = clientLayer(options);
    const processEnv = typeof process === 'undefined' ? {} : process.env;
    const env = options.env ?? processEnv;
    // Only the variables that matter are read, and once: looking one up in the process costs more than the rest of a call.
    const read = environmentVariables(service.name).flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
    const environment = options.environment ?? env['FUSELINE_ENV'] ?? env['NODE_ENV'];
    this.source = new PolicySource(service, layer, environment, Object.fromEntries(read));
    checkFallbackIds(options.fallbacks, operationIds, service.name);
    this.source.checkEnvironment();
    warnOfUnknownVariables(service.name, env);
    // Early, so that the first call need not wait. Where it fails, that call says so.
    if (layer.bulkheadMaxConcurrent != null || layer.rateLimitEnabled === true || layer.coalesce === true)
      void loadOptionalCode().catch(() => undefined);
    checkTimeouts(layer, service.name);
    // Last: a client that could not be made uses no service.
    shared.services.add(service.name);
  }

  /** Returns the operation compiled with its current policies. Compiles it at its first call, and again after a reload. @throws {ConfigurationError} */
  compiled(operation: Operation): Compiled {
    const compiled = this.#compiled.get(operation);
    return compiled !== undefined && compiled.op.version === this.#live.version ? compiled : this.#compile(operation, compiled?.op);
  }

  #compile(operation: Operation, previous: CompiledOperation | undefined): Compiled {
    const policy = this.policy(operation);
    checkTimeouts(policy, operation.id);
    const { version } = this.#live;
    const op = compileOperation(this, operation, policy, this.#fallback(operation.id, policy), version, previous?.breaker);
    if (previous !== undefined) optionalCode()?.outdateLimits(previous, version);
    const compiled = { op, chains: new Chains(op) };
    this.#compiled.set(operation, compiled);
    return compiled;
  }

  policy(operation: OperationName): PolicyValues {
    return this.source.policy(this.#live.of(this.service), operation);
  }

  explain(operation: OperationName): readonly ExplainedValue[] {
    return explainReconciled(this.source.layers(this.#live.of(this.service), operation));
  }

  /** The token for the next attempt. A token function runs in the context of the call. */
  token(scope: UserScope): string | undefined | Promise<string> {
    const token = this.#token;
    return token === undefined || typeof token === 'string' ? token : scope.call(token);
  }

  /** The user's own name for the sender of a call that begins now. */
  identity(): string | undefined {
    const identity = this.#identity;
    if (identity === undefined || typeof identity === 'string') return identity;
    const given: unknown = CURRENT.call(identity);
    if (typeof given !== 'string') throw new TypeError(`identity returned ${given === null ? 'null' : typeof given}, expected a string`);
    return given;
  }

  get asksForToken(): boolean {
    return typeof this.options.token === 'function';
  }

  get transport(): string {
    return this.options.transport ?? 'undici';
  }

  get documentUrl(): string | undefined {
    return this.service.baseUrl;
  }

  /** Whether something outside may add credentials to a request. */
  get mayBeSignedOutside(): boolean {
    const { dispatcher, instrumentation, transport } = this.options;
    return dispatcher !== undefined || instrumentation !== undefined || transport === 'fetch';
  }

  dispatcher(): DispatcherLike | Promise<DispatcherLike> {
    if (this.options.dispatcher !== undefined) return this.options.dispatcher;
    return this.options.transport === 'fetch' ? sharedFetch() : sharedAgent();
  }

  /** One budget per service and origin. */
  budget(key: string): RetryBudget {
    const { budgets } = sharedState(this.registry);
    let budget = budgets.get(key);
    if (budget === undefined) {
      budget = new RetryBudget();
      budgets.set(key, budget);
    }
    return budget;
  }

  /** Whether code of the user's may run later in a call of any operation, whose context the call must then take. */
  get runsUserCode(): boolean {
    const { onEvent, instrumentation, dispatcher, transport, random } = this.options;
    return [onEvent, instrumentation, dispatcher, random].some((given) => given !== undefined) || transport === 'fetch';
  }

  get compiledOperations(): Iterable<CompiledOperation> {
    return [...this.#compiled.values()].map(({ op }) => op);
  }

  #fallback(id: string, policy: PolicyValues): readonly CompiledStep[] {
    const { fallbacks } = this.options;
    if (fallbacks === undefined || !Object.hasOwn(fallbacks, id)) return policy.fallback;
    const given: unknown = (fallbacks as Record<string, unknown>)[id];
    if (given === undefined) return policy.fallback;
    return compileFallback(given);
  }
}

function parseBaseUrl(text: string | undefined, service: string): URL | undefined {
  if (text === undefined) return undefined;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new ConfigurationError('baseUrl', withoutUser(text), `an absolute URL such as https://api.example.com for ${service}`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new ConfigurationError('baseUrl', url.protocol, 'an http or https URL');
  // None of these would be sent, so none is dropped in silence.
  if (url.username !== '' || url.password !== '')
    throw new ConfigurationError('baseUrl', withoutUser(text), 'a URL without a user', 'Give `credentials` instead.');
  if (url.search !== '' || url.hash !== '')
    throw new ConfigurationError('baseUrl', url.origin + url.pathname, 'a URL without query and fragment');
  return url;
}

/** A URL that is wrong may still hold a password. */
function withoutUser(text: string): string {
  // With one slash, with backslashes or with none, too: the URL standard takes them all for two.
  return text.replace(/^([a-z][a-z0-9+.-]*:(?=[/\\]))?[\s\S]*@/i, '$1//…@').replace(/[?#][\s\S]*/, '?…');
}

function checkFallbackIds(fallbacks: object | undefined, known: ReadonlySet<string> | undefined, service: string): void {
  if (fallbacks === undefined || known === undefined) return;
  for (const id of Object.keys(fallbacks)) {
    if (!known.has(id)) throw unknownName(`fallbacks['${id}']`, `no operation of ${service}`, id, known, 'a known operation');
  }
}
