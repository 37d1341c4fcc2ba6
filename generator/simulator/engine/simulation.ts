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

/** One service that is simulated. */
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
  /** What the wall clock shows at the start, in milliseconds since the epoch. */
  readonly wallStart: number;
  /** Name of the YAML's `environments` block. */
  readonly environment: string | undefined;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A circuit changed its state. */
export interface Transition {
  readonly atMs: number;
  readonly event: TransitionEvent;
}

/** Longest time for which calls that are still under way are waited for at the end, in milliseconds. */
const LONGEST_TAIL_MS = 3_600_000;

/**
 * Calls of clients of several services on a virtual clock: the runtime's own pipeline, circuits, budgets and limits, with a transport that
 * answers as it is told. Calls are made one after the other in order of time, by `runTo` and `call`.
 */
export class Simulation {
  readonly clock: VirtualClock;
  readonly runs: readonly ServiceRun[];
  readonly transitions: Transition[] = [];

  /** @throws {ConfigurationError} where settings contradict each other, or an environment variable cannot be read. */
  constructor(readonly setup: SimulationSetup) {
    this.clock = new VirtualClock(setup.wallStart);
    const random = new Random(subSeed(setup.seed, 'jitter'));
    const drawn = (): number => random.next();
    // A row of its own: what circuits draw when they are made must not move what calls draw later.
    const circuits = new Random(subSeed(setup.seed, 'circuits'));
    const registry = new BreakerRegistry({ clock: this.clock, random: () => circuits.next() });
    this.runs = setup.services.map((service) => new ServiceRun(service, setup, this.clock, registry, drawn));
    const byName = new Map(this.runs.map((run) => [run.name, run]));
    registry.subscribe((event) => this.#heard(event, byName));
  }

  /** Lets everything happen that is due up to then, then included. */
  runTo(ms: number): void {
    this.clock.runTo(ms);
  }

  /** Calls that were made, and have not ended. */
  get underWay(): number {
    return this.runs.reduce((sum, run) => sum + run.underWay, 0);
  }

  /** No more calls come: waits for those that are under way. */
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
        break;
      default:
        this.transitions.push({ atMs: this.clock.now(), event });
    }
  }
}

/** What the params of a call are, where it matters which request it is. */
const NO_PARAMS: ParamValues = {};

/** The clients of one service and what became of their calls. */
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
      // A circuit is named after the service alone where it is at the document's own origin.
      baseUrl: 'https://service.invalid',
      security: [{ type: 'bearer' }],
      policies,
    };
    const { environment, env } = setup;
    const watch = {
      sent: () => this.series.add(FIELD.attempts, clock.now()),
      ended: (_: number, well: boolean) => {
        this.series.add(FIELD.ended, clock.now());
        if (!well) this.series.add(FIELD.unwell, clock.now());
      },
    };
    // Compiled here, once: no configuration changes on the way, and a contradiction is found before the first call.
    this.#compiled = operations.flatMap((plan, at) =>
      Array.from({ length: senders }, (_, sender) => {
        const dispatcher = new Vendor(clock, service.behaviour, watch, at, sender);
        const options = { clock, registry, random, dispatcher, token: `sender-${sender}`, environment, env };
        const core = new ClientCore(definition, options, undefined);
        return core.compiled(descriptorOf(name, plan, core.policy(plan)));
      }),
    );
  }

  get underWay(): number {
    return this.tallies.reduce((sum, { calls, network, cache, fallback, failed }) => sum + calls - network - cache - fallback - failed, 0);
  }

  /** Someone calls. */
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

/** An operation as far as its policies can tell: its name and method, and an answer that is kept where a last good one is wanted. */
function descriptorOf(service: string, { id, namespace, method, idempotencyHeader }: OperationPlan, policy: PolicyValues): Operation {
  const keeps = policy.fallback.some((step) => step.kind === 'lastGood');
  const distinct = keeps || policy.coalesce;
  return {
    id,
    service,
    namespace,
    name: id,
    method,
    path: distinct ? '/{request}' : '/',
    ...(distinct ? { params: [{ key: 'request', in: 'path', required: true }] } : {}),
    // An answer that nobody keeps need not be read.
    responses: [{ status: 200, kind: keeps ? 'json' : 'none', success: true }],
    ...(idempotencyHeader === undefined ? {} : { idempotencyHeader }),
  };
}
