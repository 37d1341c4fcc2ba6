import type { ServicePolicies } from '../../../runtime/config/types.js';
import type { Scenario } from '../scenario/types.js';
import { Arrivals } from './arrivals.js';
import { ScenarioBehaviour } from './behaviour.js';
import { segmentsOf } from './segments.js';
import { Simulation, type SimulationSetup } from './simulation.js';

/** The policies and their environment. */
export interface PolicySetup {
  /** Returns the breaker YAML's settings of a service. */
  policies(service: string): ServicePolicies;
  readonly environment: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Receives the progress of the simulation from time to time, from 0 to 1. */
export type OnProgress = (part: number) => void;

/** Calls between two reports of progress. */
const PROGRESS_EVERY = 2 ** 14;

/** The date at which a scenario's wall clock starts. Only texts for people depend on it. */
export const SCENARIO_START = Date.UTC(2026, 0, 1);

/**
 * Plays a scenario against policies, on a virtual clock.
 *
 * @throws {ConfigurationError} if settings of the policies contradict each other
 */
export function runScenario(scenario: Scenario, { policies, environment, env }: PolicySetup, onProgress?: OnProgress): Simulation {
  const { seed, durationMs } = scenario;
  const services = scenario.services.map((service) => ({ service, segments: segmentsOf(service, durationMs) }));
  const setup: SimulationSetup = {
    services: services.map(({ service, segments }) => ({
      ...service,
      policies: policies(service.name),
      behaviour: new ScenarioBehaviour(service, segments, seed),
    })),
    durationMs,
    seed,
    wallStart: SCENARIO_START,
    environment,
    env,
  };
  const simulation = new Simulation(setup);
  const callers = services.map(({ service, segments }) => new Arrivals(service, segments, seed));
  for (let calls = 1; ; calls++) {
    let first = 0;
    for (let at = 1; at < callers.length; at++) {
      if ((callers[at] as Arrivals).nextMs < (callers[first] as Arrivals).nextMs) first = at;
    }
    const next = callers[first];
    if (next === undefined || next.nextMs === Number.POSITIVE_INFINITY) break;
    simulation.runTo(next.nextMs);
    simulation.runs[first]?.call(next.operation, next.request, next.sender);
    next.next();
    if (calls % PROGRESS_EVERY === 0) onProgress?.(simulation.clock.now() / durationMs);
  }
  simulation.finish();
  return simulation;
}
