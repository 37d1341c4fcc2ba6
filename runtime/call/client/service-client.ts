import type { ExplainedValue } from '../../config/layers.js';
import { RequestError } from '../../errors/call-errors.js';
import { callSite, showCallSite } from '../../errors/call-site.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject, must } from '../../errors/given.js';
import type { HttpError } from '../../errors/http-error.js';
import { unknownName } from '../../errors/known-options.js';
import { givenOptions, type OptionTable } from '../../errors/option-table.js';
import type { EventListener } from '../../observe/event-hub.js';
import type { Subscription } from '../../observe/subscription.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { BreakerSnapshot } from '../../policies/circuit-breaker/snapshot.js';
import { ApiPromise } from '../api-promise.js';
import { Call } from '../call.js';
import { openConnection } from '../transport/open-connection.js';
import { loadedAgent } from '../transport/shared.js';
import { withCallOptions } from './call-options.js';
import type { ClientSetting } from './client-settings.js';
import { ClientCore } from './core.js';
import type { Operation } from './descriptor.js';
import { endsWithin } from './ends-within.js';
import { checkInherited } from './given-options.js';
import { checkInheritedOfCall } from './inherited.js';
import type { CallOptions, ClientOptions, ServiceDefinition } from './options.js';

/** The method of a client that generated namespaces need. */
export interface Caller {
  call<P, R, E>(operation: Operation<P, R, E>, params: P, options?: CallOptions<R, P>): ApiPromise<R, E>;
}

/** The effective settings of an operation and their origins. `String(description)` returns them as a table. */
export class OperationDescription {
  constructor(
    readonly operation: string,
    readonly circuit: string,
    readonly values: readonly ExplainedValue[],
    /** The settings that are options of the client or variables of the process, and never in the YAML. */
    readonly client: readonly ClientSetting[] = [],
  ) {}

  toString(): string {
    const rows = [
      ...this.values.map(({ key, value, origin }) => [key, JSON.stringify(value) ?? '-', origin] as const),
      ...this.client.map(({ option, shown, origin }) => [option, shown, origin] as const),
    ];
    const wide = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
    const [first, second] = [wide(0), wide(1)];
    const lines = rows.map(([key, value, origin]) => `  ${key.padEnd(first)}  ${value.padEnd(second)}  ${origin}`);
    return [`${this.operation} (circuit ${this.circuit})`, ...lines].join('\n');
  }
}

/** The data of a client that a watcher of the configuration needs. It contains no reference to the client. */
export interface ClientInternals {
  readonly registry: BreakerRegistry;
  readonly service: ServiceDefinition;
  readonly operations: readonly Operation[];
}

let internals: (client: ServiceClient) => ClientInternals;

/**
 * Returns the internals of a client. This is not a method of the client, because a namespace can have any name.
 *
 * @throws {ConfigurationError} if the value is not a client of this copy of fuseline.
 */
export function clientInternals(client: ServiceClient): ClientInternals {
  if (!(client instanceof ServiceClient)) throw new ConfigurationError('clients', client, 'clients made by this copy of fuseline');
  return internals(client);
}

/**
 * Base class of generated clients. Every call of a client goes through the policies. All clients of one service and origin in a process share the
 * circuit of that service through the registry.
 *
 * @typeParam O type of the client's options
 * @typeParam Id type of its operation ids
 */
export class ServiceClient<O extends ClientOptions = ClientOptions, Id extends string = string> implements Caller {
  readonly #core: ClientCore;
  readonly #service: ServiceDefinition;
  readonly #operations: ReadonlyMap<string, Operation>;

  static {
    internals = (client) => ({
      registry: client.#core.registry,
      service: client.#service,
      operations: [...client.#operations.values()],
    });
  }

  /** @throws {ConfigurationError} naming the invalid option. */
  constructor(service: ServiceDefinition, options: O, operations: Readonly<Record<string, Operation>> = NO_OPERATIONS) {
    this.#service = service;
    this.#operations = operationIndex(operations);
    this.#core = new ClientCore(service, options, this.#operations);
  }

  /** Calls an operation by its descriptor. Every generated method uses it; code that needs tree-shaking can use it directly. */
  call<P, R, E = HttpError>(operation: Operation<P, R, E>, params: P, options?: CallOptions<R, P>): ApiPromise<R, E> {
    let call: Call;
    try {
      if (typeof (operation as Operation | null)?.path !== 'string')
        throw new ConfigurationError('operation', operation, 'the descriptor of an operation');
      checkInheritedOfCall(this.#core.options, operation as Operation, params);
      const { op, chains } = this.#core.compiled(operation as Operation);
      if (this.#core.life.closed) throw new RequestError(op.place, CLOSED);
      const given = options as CallOptions | undefined;
      const settings = given === undefined ? op.settings : withCallOptions(op, given);
      op.lacks?.check(given?.headers);
      const chain = chains.entrance(settings.coalesces);
      call = new Call(op, chain, settings, (params ?? {}) as Record<string, unknown>, given);
      if (this.#core.capturesStack) call.site = callSite(ServiceClient.prototype.call);
    } catch (error) {
      return ApiPromise.failed<R, E>(this.#core.capturesStack ? showCallSite(error, callSite(ServiceClient.prototype.call)) : error);
    }
    return ApiPromise.start<R, E>(call);
  }

  /** Returns a client with some options replaced. Headers are merged. Both clients share circuits, last good responses and connections. */
  withOptions(options: Partial<O>): this {
    // Merging would make an inherited option the new client's own.
    const given = givenObject('options of the client', options);
    checkInherited(given);
    const Client = this.constructor as new (options: O) => this;
    // The options as they were taken when this client was made.
    const own = this.#core.options as O;
    const headers = given.headers === undefined ? own.headers : { ...own.headers, ...given.headers };
    return new Client({ ...own, ...given, ...(headers === undefined ? {} : { headers }) });
  }

  /** Returns every effective setting of an operation and the layer that sets it. @throws {ConfigurationError} if the id is unknown. */
  describe(id: Id): OperationDescription {
    const operation = this.#operation(id);
    return new OperationDescription(
      id,
      this.#core.compiled(operation).op.breaker.name,
      this.#core.explain(operation),
      this.#core.clientSettings(),
    );
  }

  /** Returns the circuit of an operation; without an id, that of the first operation. @throws {ConfigurationError} if the id is unknown. */
  breaker(id?: Id): CircuitBreaker {
    const operation = id === undefined ? this.#operations.values().next().value : this.#operation(id);
    if (operation === undefined) throw new ConfigurationError('operation id', id, 'an operation, where the client lists none');
    return this.#core.compiled(operation).op.breaker;
  }

  /** The circuits that this client has used so far. */
  get circuits(): readonly CircuitBreaker[] {
    return [...new Set([...this.#core.compiledOperations].map((compiled) => compiled.breaker))];
  }

  /**
   * Subscribes to the events of all circuits of this client's service, including those caused by other clients. To get only the events of this
   * client's calls, use the option `onEvent`.
   */
  subscribe(listener: EventListener): Subscription {
    const { name } = this.#service;
    return this.#core.registry.events.subscribe(listener, ({ service }) => service === name);
  }

  /** Closes the circuits that this client has used, and clears their failures. */
  reset(): void {
    for (const circuit of this.circuits) circuit.reset();
  }

  /**
   * Waits until the transport is loaded, so that the first call need not wait for it. With `connect`, also opens a connection to the origin of the base
   * URL; that is ignored for clients with a `dispatcher` or over fetch. A connection that cannot be opened within `timeoutMs` is reported by the first
   * call.
   *
   * @throws {RequestError} if the transport cannot be loaded within `timeoutMs`, or the client is closed.
   */
  async ready(options: ReadyOptions = {}): Promise<void> {
    const { connect, timeoutMs = READY_TIMEOUT_MS } = givenOptions('ready', options, READY_OPTIONS);
    const core = this.#core;
    const { clock } = core;
    const end = clock.now() + timeoutMs;
    const place = { service: this.#service.name, operation: undefined };
    if (core.life.closed) throw new RequestError(place, CLOSED);
    try {
      if (!(await endsWithin(clock, timeoutMs, core.loadDispatcher()))) throw new Error(`it was not loaded within ${timeoutMs} ms`);
    } catch (error) {
      throw new RequestError(place, `the transport cannot be loaded (${core.transport})`, { cause: error });
    }
    const agent = loadedAgent();
    const operation = this.#operations.values().next().value;
    if (connect !== true || !core.usesAgent || agent === undefined || operation === undefined) return;
    await endsWithin(clock, end - clock.now(), openConnection(agent, core.compiled(operation).op.origin));
  }

  /**
   * Closes the client. New calls fail with a `RequestError`. Calls in flight, those in queues and before retries included, have `drainMs` to end. Then
   * they are aborted with a `CallAbortedError`. Resolves when no call is left. Other clients are not affected, nor are those of `withOptions`. The last
   * client that closes in a process also closes the idle connections.
   */
  async close(options: CloseOptions = {}): Promise<void> {
    const { drainMs = DRAIN_MS } = givenOptions('close', options, CLOSE_OPTIONS);
    await this.#core.life.close(drainMs);
  }

  /** Closes the client with the default drain, at the end of a block with `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toJSON(): { readonly service: string; readonly circuits: readonly BreakerSnapshot[] } {
    return { service: this.#service.name, circuits: this.circuits.map((circuit) => circuit.snapshot()) };
  }

  #operation(id: string): Operation {
    const operation = this.#operations.get(id);
    if (operation !== undefined) return operation;
    if (typeof id !== 'string') throw new ConfigurationError('operation id', id, 'the id of an operation');
    throw unknownName('operation id', JSON.stringify(id), String(id), this.#operations.keys(), `an operation of ${this.#service.name}`);
  }
}

/** Calls an operation by its descriptor. With this function, a bundle contains only the operations that are used. */
export function call<P, R, E>(client: Caller, operation: Operation<P, R, E>, params: P, options?: CallOptions<R, P>): ApiPromise<R, E> {
  return client.call(operation, params, options);
}

/** Options of `ready`. */
export interface ReadyOptions {
  /** Opens a connection to the origin of the base URL. Default false. */
  readonly connect?: boolean | undefined;
  /** Longest wait for the transport and the connection together, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
}

/** Options of `close`. */
export interface CloseOptions {
  /** How long calls in flight may go on, in milliseconds. 0 ends them immediately; `Infinity` waits for all of them. Default 5,000. */
  readonly drainMs?: number | undefined;
}

const CLOSED = 'the client is closed; make a new one for further calls';

const READY_TIMEOUT_MS = 10_000;
const DRAIN_MS = 5_000;

const READY_OPTIONS: OptionTable<ReadyOptions> = {
  connect: (option, value: unknown) => must(typeof value === 'boolean', option, value, 'true or false'),
  timeoutMs: (option, value: unknown) => must(typeof value === 'number' && value > 0, option, value, 'milliseconds above 0'),
};

const CLOSE_OPTIONS: OptionTable<CloseOptions> = {
  drainMs: (option, value: unknown) => must(typeof value === 'number' && value >= 0, option, value, 'milliseconds, 0 or more'),
};

/** Shared by all clients without a list of operations, so that its index is created once. */
const NO_OPERATIONS: Readonly<Record<string, Operation>> = {};

const indexes = new WeakMap<object, ReadonlyMap<string, Operation>>();

/** Returns the operations by id. Generated modules export them by constant name; the index is created once per module, not per client. */
function operationIndex(operations: Readonly<Record<string, Operation>>): ReadonlyMap<string, Operation> {
  let index = indexes.get(operations);
  if (index === undefined) {
    index = new Map(Object.values(operations).map((operation) => [operation.id, operation]));
    indexes.set(operations, index);
  }
  return index;
}
