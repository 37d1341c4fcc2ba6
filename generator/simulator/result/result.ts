import type { ServiceRun, Simulation } from '../engine/simulation.js';
import { totalsOf } from '../engine/tally.js';
import { type CircuitResult, judgeCircuit } from './circuits.js';
import { Judge, meanRates, type TruthStep } from './truth.js';
import type { ConditionStep, ServiceResult, SimulationResult } from './types.js';

/** An operation of a service, and the judge of its failures. */
export interface JudgedOperation {
  readonly index: number;
  readonly weight: number;
  readonly judge: Judge;
}

/** The true course of a service. */
export interface Reality {
  /** Returns the true error rate of these operations. */
  truth(operations: readonly JudgedOperation[]): readonly TruthStep[];
  readonly conditions: readonly ConditionStep[];
}

/** Makes a result from the counts of a simulation. */
export function resultOf(
  simulation: Simulation,
  about: Omit<SimulationResult, 'services'>,
  reality: (service: string) => Reality,
): SimulationResult {
  return { ...about, services: simulation.runs.map((run) => serviceResult(run, simulation, about, reality(run.name))) };
}

function serviceResult(
  run: ServiceRun,
  simulation: Simulation,
  { scenario }: Omit<SimulationResult, 'services'>,
  { truth, conditions }: Reality,
): ServiceResult {
  const judged = run.operations.map(({ weight }, index) => ({ index, weight, judge: new Judge(run.policyOf(index)) }));
  const byCircuit = new Map<string, JudgedOperation[]>();
  for (const operation of judged) {
    const { name } = run.circuitOf(operation.index);
    byCircuit.set(name, [...(byCircuit.get(name) ?? []), operation]);
  }
  const circuits = [...byCircuit].map(([name, operations]): CircuitResult => {
    const policies = operations.map(({ index }) => run.policyOf(index));
    const windowMs = Math.max(0, ...policies.map((policy) => (policy.windowEnabled && policy.windowType === 'time' ? policy.windowMs : 0)));
    return judgeCircuit({
      name,
      operations: operations.map(({ index }) => run.operations[index]?.id ?? ''),
      transitions: simulation.transitions.filter(({ event }) => event.circuit === name),
      truth: truth(operations),
      healthyBelow: scenario.healthyBelow,
      lookBackMs: Math.max(...operations.map(({ judge }) => judge.longestMs)) + windowMs,
      durationMs: scenario.durationMs,
    });
  });
  const { series } = run;
  const calls = series.values('calls');
  return {
    name: run.name,
    totals: totalsOf(run.tallies),
    operations: run.operations.map(({ id, method }, index) => ({ id, method, totals: totalsOf(run.tallies.slice(index, index + 1)) })),
    circuits,
    conditions,
    series: {
      stepMs: series.stepMs,
      calls,
      served: series.values('served'),
      fallback: series.values('fallback'),
      failed: series.values('failed'),
      blocked: series.values('blocked'),
      attempts: series.values('attempts'),
      ended: series.values('ended'),
      unwell: series.values('unwell'),
      trueRate: meanRates(truth(judged), series.stepMs, calls.length),
      waitP50Ms: series.waits(0.5),
      waitP99Ms: series.waits(0.99),
    },
  };
}
