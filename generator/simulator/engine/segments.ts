import type { Conditions, ServiceScenario } from '../scenario/types.js';

/** A span in which nothing changes. */
export interface Segment {
  readonly fromMs: number;
  readonly toMs: number;
  readonly trafficPerSecond: number;
  /** The conditions of each operation, in the order of the scenario. */
  readonly conditions: readonly Conditions[];
  /** The names of the active phases, and whether there is an active phase. */
  readonly phases: readonly string[];
}

/** Splits the time of a scenario wherever a phase begins or ends. */
export function segmentsOf(service: ServiceScenario, durationMs: number): readonly Segment[] {
  const { phases, operations } = service;
  const cuts = [...new Set([0, durationMs, ...phases.flatMap((phase) => [phase.fromMs, phase.toMs])])].sort((a, b) => a - b);
  return cuts.slice(0, -1).map((fromMs, index) => {
    const active = phases.filter((phase) => phase.fromMs <= fromMs && fromMs < phase.toMs);
    const made = new Map<string, Conditions>();
    const conditions = operations.map(({ id }) => {
      const touched = active.filter((phase) => phase.operations?.includes(id) ?? true);
      const key = touched.map((phase) => phases.indexOf(phase)).join();
      // Operations in equal conditions share one object.
      const known = made.get(key) ?? conditionsUnder(service, touched);
      made.set(key, known);
      return known;
    });
    return {
      fromMs,
      toMs: cuts[index + 1] ?? durationMs,
      trafficPerSecond: active.findLast((phase) => phase.trafficPerSecond !== undefined)?.trafficPerSecond ?? service.trafficPerSecond,
      conditions,
      phases: active.flatMap(({ name }) => name ?? []),
    };
  });
}

function conditionsUnder(base: Conditions, phases: readonly Partial<Conditions>[]): Conditions {
  const last = <K extends keyof Conditions>(key: K): Conditions[K] =>
    (phases.findLast((phase) => phase[key] !== undefined)?.[key] ?? base[key]) as Conditions[K];
  return {
    errorRate: last('errorRate'),
    errors: last('errors'),
    latency: last('latency'),
    errorLatency: last('errorLatency'),
    retryAfterSeconds: last('retryAfterSeconds'),
  };
}
