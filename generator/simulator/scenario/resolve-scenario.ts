import { basename, extname } from 'node:path';
import type { Diagnostic } from '../../../runtime/config/diagnostic.js';
import type { KnownOperation } from '../../../runtime/config/known-operations.js';
import { quote } from '../../../runtime/config/quote.js';
import { type Finding, inFileOrder } from '../../../runtime/config/source.js';
import { nearest } from '../../../runtime/errors/nearest.js';
import type { ConditionsData, LatencyData, PhaseData, ServiceData } from './data.js';
import { faultNamed } from './faults.js';
import type { ScenarioDraft } from './load-scenario.js';
import {
  ANY_OPERATION,
  type Conditions,
  type Fault,
  type FaultMix,
  type Latency,
  type OperationPlan,
  type Phase,
  SCENARIO_DEFAULTS,
  type Scenario,
  type ServiceScenario,
} from './types.js';

/** Facts from outside of the file. */
export interface Surroundings {
  /** Services of the breaker YAML. */
  readonly services: readonly string[];
  /** Returns the operations of a service. Undefined without a document. */
  operations(service: string): readonly KnownOperation[] | undefined;
  /** Overrides the seed of the file. */
  readonly seed?: number | undefined;
}

/** The most calls of a simulation, which limits its running time. */
const MOST_CALLS = 200_000_000;

type Report = (path: readonly (string | number)[], finding: Finding, anchor?: 'key' | 'value') => void;

/** Fills in defaults, and checks names and other rules that the schema cannot express. Returns undefined if there is an error. */
export function resolveScenario(
  draft: ScenarioDraft,
  around: Surroundings,
): { readonly scenario: Scenario | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { source, data } = draft;
  const diagnostics: Diagnostic[] = [];
  const report: Report = (path, finding, anchor = 'key') => diagnostics.push(source.diagnose(path, anchor, finding));
  const durationMs = data.duration * 1_000;
  const services: ServiceScenario[] = [];
  for (const [name, { own, path }] of draft.services) {
    if (!around.services.includes(name)) {
      const meant = nearest(name, around.services);
      const hint = meant === undefined ? 'Services are the keys of `circuit_breaker.services`.' : `Did you mean \`${meant}\`?`;
      const message = `there is no service ${quote(name)}, expected ${around.services.join(', ') || 'one of the breaker YAML'}`;
      report(path, { code: 'unknown-service', message, hint }, path.length === 1 ? 'value' : 'key');
    } else services.push(new ServiceReader(name, data, own, path, around.operations(name), durationMs, report).read());
  }
  const calls = services.reduce((sum, service) => sum + expectedCalls(service, durationMs), 0);
  if (calls > MOST_CALLS) {
    const message = `the scenario makes about ${Math.round(calls / 1e6)} million calls, expected at most ${MOST_CALLS / 1e6} million`;
    report(['duration'], { code: 'too-many-calls', message }, 'value');
  }
  const scenario: Scenario = {
    name: data.name ?? basename(source.file, extname(source.file)),
    file: source.file,
    seed: around.seed ?? data.seed ?? SCENARIO_DEFAULTS.seed,
    durationMs,
    healthyBelow: data.healthy_below ?? SCENARIO_DEFAULTS.healthyBelow,
    services,
  };
  return { scenario: diagnostics.length > 0 ? undefined : scenario, diagnostics: inFileOrder(diagnostics) };
}

/** Combines the settings of one service with those at the top of the file. */
class ServiceReader {
  /** Each key has the value of the service's block, otherwise that of the top. */
  readonly #merged: ServiceData;

  constructor(
    readonly name: string,
    readonly top: ServiceData,
    readonly own: ServiceData,
    readonly path: readonly string[],
    readonly known: readonly KnownOperation[] | undefined,
    readonly durationMs: number,
    readonly report: Report,
  ) {
    this.#merged = { ...top, ...own };
  }

  read(): ServiceScenario {
    const { name, durationMs } = this;
    const { traffic, arrivals, distinct_requests: distinct, senders, vendor_limit: limit } = this.#merged;
    const operations = this.#operations();
    const phases = [
      ...(this.top.phases ?? []).map((phase, index) => this.#phase(phase, ['phases', index], operations)),
      ...(this.own.phases ?? []).map((phase, index) => this.#phase(phase, [...this.path, 'phases', index], operations)),
    ];
    if (traffic === undefined && phases.every((phase) => phase.trafficPerSecond === undefined)) {
      const hint = 'For example `traffic: 50`, in calls per second.';
      this.report(this.path, { code: 'missing-key', message: `\`traffic:\` is missing, so ${name} gets no calls`, hint });
    }
    return {
      name,
      trafficPerSecond: traffic ?? 0,
      arrivals: arrivals ?? SCENARIO_DEFAULTS.arrivals,
      operations,
      distinctRequests: distinct ?? SCENARIO_DEFAULTS.distinctRequests,
      senders: senders ?? SCENARIO_DEFAULTS.senders,
      vendorLimit: limit && { requests: limit.requests, perMs: (limit.per_seconds ?? 1) * 1_000 },
      ...BASE,
      ...this.#conditions(this.#merged, (key) => this.#at(key)),
      phases: phases.filter((phase) => phase.fromMs < durationMs),
    };
  }

  /** Returns the place of a key of the service: in its own block or at the top. */
  #at(key: keyof ServiceData): readonly string[] {
    return Object.hasOwn(this.own, key) ? [...this.path, key] : [key];
  }

  #operations(): readonly OperationPlan[] {
    const { operations, method = 'GET' } = this.#merged;
    if (operations === undefined) return [{ id: ANY_OPERATION, namespace: ANY_OPERATION, method, idempotencyHeader: undefined, weight: 1 }];
    const at = this.#at('operations');
    const plans = Object.entries(operations).map(([id, said]): OperationPlan => {
      const { weight = 1, method: own } = typeof said === 'number' ? { weight: said } : said;
      const found = this.known?.find((operation) => operation.id === id);
      if (this.known !== undefined && found === undefined) this.#unknownOperation(id, [...at, id]);
      if (own !== undefined && found?.method !== undefined && own !== found.method) {
        const message = `\`method\` is ${own}, but the document says that ${id} is a ${found.method}`;
        this.report([...at, id, 'method'], { code: 'method-differs', message, hint: 'Remove `method`.' }, 'value');
      }
      const namespace = id.split('.')[0] ?? '';
      return { id, namespace, method: found?.method ?? own ?? method, idempotencyHeader: found?.idempotencyHeader, weight };
    });
    if (plans.every(({ weight }) => weight === 0))
      this.report(at, { code: 'no-weight', message: 'every weight of `operations` is 0, expected one above 0' });
    return plans;
  }

  #unknownOperation(id: string, at: readonly string[]): void {
    const ids = (this.known ?? []).map((operation) => operation.id);
    const meant = nearest(id, ids);
    const message = `service \`${this.name}\` has no operation ${quote(id)}, expected one of the ${ids.length} that its documents have`;
    this.report(at, { code: 'unknown-operation', message, hint: meant && `Did you mean \`${meant}\`?` });
  }

  #phase(data: PhaseData, at: readonly (string | number)[], operations: readonly OperationPlan[]): Phase {
    const { name, at: from, for: lasts, traffic, operations: only } = data;
    const fromMs = from * 1_000;
    if (fromMs >= this.durationMs) {
      const message = `this phase begins at ${from} s, after the end of the scenario at ${this.durationMs / 1_000} s`;
      this.report([...at, 'at'], { code: 'phase-too-late', message }, 'value');
    }
    for (const [index, id] of (only ?? []).entries()) {
      if (operations.some((operation) => operation.id === id)) continue;
      const ids = operations.map((operation) => operation.id).filter((known) => known !== ANY_OPERATION);
      const meant = nearest(id, ids);
      const hint = meant === undefined ? 'Name it in `operations` of the service, with a weight.' : `Did you mean \`${meant}\`?`;
      const message = `the operation ${quote(id)} gets no calls, expected ${ids.join(', ') || 'an operation that the service names'}`;
      this.report([...at, 'operations', index], { code: 'unknown-operation', message, hint }, 'value');
    }
    if (only !== undefined && traffic !== undefined) {
      const message = '`traffic` applies to the whole service, expected a phase without `operations`';
      this.report([...at, 'traffic'], { code: 'conflicting-keys', message });
    }
    return {
      name,
      fromMs,
      toMs: lasts === undefined ? this.durationMs : Math.min(fromMs + lasts * 1_000, this.durationMs),
      trafficPerSecond: traffic,
      operations: only,
      ...this.#conditions(data, (key) => [...at, key]),
    };
  }

  #conditions(data: ConditionsData, at: (key: keyof ConditionsData) => readonly (string | number)[]): Partial<Conditions> {
    const { error_rate: errorRate, errors, latency_ms: latency, error_latency_ms: errorLatency, retry_after: retryAfter } = data;
    const draft: { -readonly [K in keyof Conditions]?: Conditions[K] } = {};
    if (errorRate !== undefined) draft.errorRate = errorRate;
    if (errors !== undefined) draft.errors = this.#mix(errors, at('errors'));
    if (latency !== undefined) draft.latency = this.#latency(latency, at('latency_ms'));
    if (errorLatency !== undefined) draft.errorLatency = this.#latency(errorLatency, at('error_latency_ms'));
    if (retryAfter !== undefined) draft.retryAfterSeconds = retryAfter;
    return draft;
  }

  #mix(errors: Readonly<Record<string, number>>, at: readonly (string | number)[]): FaultMix {
    const mix = Object.entries(errors)
      .filter(([, weight]) => weight > 0)
      .map(([name, weight]) => ({ fault: faultOf(name), weight }));
    if (mix.length === 0) this.report(at, { code: 'no-weight', message: 'every weight of `errors` is 0, expected one above 0' });
    return mix;
  }

  #latency(data: LatencyData, at: readonly (string | number)[]): Latency {
    if (typeof data === 'number') return { p50Ms: data, p99Ms: data };
    const { p50, p99 } = data;
    if (p99 < p50)
      this.report([...at, 'p99'], { code: 'bad-value', message: `\`p99\` is ${p99}, expected at least p50, which is ${p50}` }, 'value');
    if (p50 === 0 && p99 > 0)
      this.report(
        [...at, 'p50'],
        { code: 'bad-value', message: '`p50` is 0, expected a number above 0: a log-normal time has no median of 0' },
        'value',
      );
    return { p50Ms: p50, p99Ms: p99 };
  }
}

const BASE: Conditions = {
  errorRate: SCENARIO_DEFAULTS.errorRate,
  errors: SCENARIO_DEFAULTS.errors,
  latency: SCENARIO_DEFAULTS.latency,
  errorLatency: undefined,
  retryAfterSeconds: undefined,
};

function faultOf(name: string): Fault {
  return /^\d+$/.test(name) ? Number(name) : faultNamed(name);
}

function expectedCalls({ trafficPerSecond, phases }: ServiceScenario, durationMs: number): number {
  const most = Math.max(trafficPerSecond, ...phases.map((phase) => phase.trafficPerSecond ?? 0));
  return (most * durationMs) / 1_000;
}
