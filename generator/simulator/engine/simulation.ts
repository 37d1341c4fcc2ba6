import { ClientCore, type Compiled } from '../../../runtime/call/client/core.js';
import type { Operation } from '../../../runtime/call/client/descriptor.js';
import type { ServiceDefinition } from '../../../runtime/call/client/options.js';
import type { CompiledOperation } from '../../../runtime/call/operation.js';
import type { ParamValues } from '../../../runtime/call/request/url.js';
import type { PolicyValues, ServicePolicies } from '../../../runtime/config/types.js';
import type { FuselineEvent, TransitionEvent } from '../../../runtime/observe/events.js';
import type { CircuitBreaker } from '../../../runtime/policies/circuit-breaker/breaker.js';
import { BreakerRegistry } from '../../../runtime/policies/circuit-breaker/registry.js';
import type { OperationPlan } from '../scenario/types.js';
import type { Behaviour } from './behaviour.js';
import { Random, subSeed } from './random.js';
import { FIELD, Series } from './series.js';
import { SimulatedCall } from './simulated-call.js';
import { Tally } from './tally.js';
import { Vendor } from './vendor.js';
import { VirtualClock } from './virtual-clock.js';

/** One simulated service. */
export interface SimulatedService {
  readonly name: string;
  readonly policies: ServicePolicies;
  readonly operations: readonly OperationPlan[];
  readonly distinctRequests: number;
  readonly senders: number;
  readonly behaviour: Behaviour;
}

export interface SimulationSetup {
  readonly services: readonly SimulatedService[];
  readonly durationMs: number;
  readonly seed: number;
  /** The wall clock's time at the start, in milliseconds since the epoch. */
  readonly wallStart: number;
  /** The name of the YAML's `environments` block. */
  readonly environment: string | undefined;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** One change of a circuit's state. */
export interface Transition {
  readonly atMs: number;
  readonly event: TransitionEvent;
}

/** The longest wait for unfinished calls at the end, in milliseconds. */
const LONGEST_TAIL_MS = 3_600_000;

/**
 * Calls of clients of several services on a virtual clock. Uses the runtime's own pipeline, circuits, budgets and limits, and a transport
 * with prescribed answers. `runTo` and `call` make the calls in order of time.
 */
export class Simulation {
  readonly clock: VirtualClock;
  readonly runs: readonly ServiceRun[];
  readonly transitions: Transition[] = [];

  /** @throws {ConfigurationError} if settings contradict each other, or if an environment variable cannot be read */
  constructor(readonly setup: SimulationSetup) {
    this.clock = new VirtualClock(setup.wallStart);
    const random = new Random(subSeed(setup.seed, 'jitter'));
    const drawn = (): number => random.next();
    // A separate sequence: numbers drawn when circuits are made must not change the numbers of later calls.
    const circuits = new Random(subSeed(setup.seed, 'circuits'));
    const registry = new BreakerRegistry({ clock: this.clock, random: () => circuits.next() });
    this.runs = setup.services.map((service) => new ServiceRun(service, setup, this.clock, registry, drawn));
    const byName = new Map(this.runs.map((run) => [run.name, run]));
    registry.subscribe((event) => this.#heard(event, byName));
  }

  /** Processes everything that is due up to and including a time. */
  runTo(ms: number): void {
    this.clock.runTo(ms);
  }

  /** The number of calls that have not ended. */
  get underWay(): number {
    return this.runs.reduce((sum, run) => sum + run.underWay, 0);
  }

  /** Waits for the unfinished calls after the last call was made. */
  finish(): void {
    this.clock.runTo(this.setup.durationMs);
    this.clock.runWhile(() => this.underWay > 0, this.setup.durationMs + LONGEST_TAIL_MS);
  }

  #heard(event: FuselineEvent, byName: ReadonlyMap<string, ServiceRun>): void {
    switch (event.type) {
      case 'call_rejected':
        byName.get(event.service)?.rejected(event.operation ?? '', this.clock.now());
        break;
      case 'call_limited':
        byName.get(event.service)?.limited(event.operation);
        break;
      case 'call_failed':
      case 'retry_scheduled':
      case 'fallback_used':
      case 'config_reloaded':
      case 'config_rejected':
      case 'threshold_proposed':
      case 'threshold_adapted':
      case 'shared_state_unavailable':
      case 'shared_state_available':
      case 'token_refreshed':
      case 'token_refresh_failed':
        break;
      default:
        this.transitions.push({ atMs: this.clock.now(), event });
    }
  }
}

/** The params of a call if only one request is distinguished. */
const NO_PARAMS: ParamValues = {};

/** The clients of one service and the outcomes of their calls. */
export class ServiceRun {
  readonly name: string;
  readonly series: Series;
  readonly tallies: readonly Tally[];
  readonly operations: readonly OperationPlan[];
  readonly #senders: number;
  readonly #requests: readonly ParamValues[];
  /** By operation, then sender. */
  readonly #compiled: readonly Compiled[];
  readonly #byId: ReadonlyMap<string, Tally>;

  constructor(service: SimulatedService, setup: SimulationSetup, clock: VirtualClock, registry: BreakerRegistry, random: () => number) {
    const { name, operations, senders, distinctRequests, policies } = service;
    this.name = name;
    this.operations = operations;
    this.series = new Series(setup.durationMs);
    this.tallies = operations.map(() => new Tally());
    this.#senders = senders;
    this.#requests = Array.from({ length: distinctRequests }, (_, index) => ({ request: `r${index}` }));
    this.#byId = new Map(operations.map(({ id }, index) => [id, this.tallies[index] as Tally]));
    const definition: ServiceDefinition = {
      name,
      // At the origin of the document, the circuit is named after the service alone.
      baseUrl: 'https://service.invalid',
      security: [{ type: 'bearer' }],
      policies,
    };
    const { environment, env } = setup;
    const watch = {
      sent: () => this.series.add(FIELD.attempts, clock.now()),
      ended: (well: boolean) => {
        this.series.add(FIELD.ended, clock.now());
        if (!well) this.series.add(FIELD.unwell, clock.now());
      },
    };
    // Compiled once: the configuration never changes, and a contradiction is found before the first call.
    const cores = Array.from({ length: senders }, (_, sender) => {
      const dispatcher = new Vendor(clock, service.behaviour, watch, sender);
      return new ClientCore(definition, { clock, registry, random, dispatcher, token: `sender-${sender}`, environment, env }, new Map());
    });
    this.#compiled = operations.flatMap((plan, at) => cores.map((core) => core.compiled(descriptorOf(name, plan, at, core.policy(plan)))));
  }

  get underWay(): number {
    return this.tallies.reduce((sum, { calls, network, cache, fallback, failed }) => sum + calls - network - cache - fallback - failed, 0);
  }

  /** Makes a call. */
  call(operation: number, request: number, sender: number): void {
    const compiled = this.#at(operation, sender);
    const params = compiled.op.path.params.length === 0 ? NO_PARAMS : (this.#requests[request] ?? NO_PARAMS);
    new SimulatedCall(compiled, params, this.tallies[operation] as Tally, this.series).start();
  }

  compiled(operation: number): CompiledOperation {
    return this.#at(operation, 0).op;
  }

  #at(operation: number, sender: number): Compiled {
    return this.#compiled[operation * this.#senders + sender] as Compiled;
  }

  circuitOf(operation: number): CircuitBreaker {
    return this.compiled(operation).breaker;
  }

  policyOf(operation: number): PolicyValues {
    return this.compiled(operation).policy;
  }

  /** @internal */
  rejected(operation: string, now: number): void {
    const tally = this.#byId.get(operation);
    if (tally !== undefined) tally.blocked++;
    this.series.add(FIELD.blocked, now);
  }

  /** @internal */
  limited(operation: string): void {
    const tally = this.#byId.get(operation);
    if (tally !== undefined) tally.limited++;
  }
}

/**
 * Returns the part of an operation's descriptor that policies depend on: its name and method, and a result that is stored if a last good
 * response is configured.
 */
function descriptorOf(service: string, plan: OperationPlan, at: number, policy: PolicyValues): Operation {
  const { id, namespace, method, idempotencyHeader } = plan;
  const keeps = policy.fallback.some((step) => step.kind === 'lastGood');
  const distinct = keeps || policy.coalesce;
  return {
    id,
    service,
    namespace,
    name: id,
    method,
    // The vendor reads the number of the operation from the path.
    path: distinct ? `/${at}/{request}` : `/${at}`,
    ...(distinct ? { params: [{ key: 'request', in: 'path', required: true }] } : {}),
    // A response that is never stored need not be read.
    responses: [{ status: 200, kind: keeps ? 'json' : 'none', success: true }],
    ...(idempotencyHeader === undefined ? {} : { idempotencyHeader }),
  };
}
