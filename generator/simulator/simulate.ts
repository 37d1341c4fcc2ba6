import type { BreakersConfig } from '../../runtime/config/index.js';
import type { KnownOperation } from '../../runtime/config/known-operations.js';
import type { ServicePolicies } from '../../runtime/config/types.js';
import { type OnProgress, runScenario } from './engine/run-scenario.js';
import { segmentsOf } from './engine/segments.js';
import { runRecording, startOf } from './recording/run-recording.js';
import type { Survey } from './recording/survey.js';
import { conditionSteps } from './result/conditions.js';
import { resultOf } from './result/result.js';
import { scenarioTruth } from './result/truth.js';
import type { SimulationResult } from './result/types.js';
import { SCENARIO_DEFAULTS, type Scenario } from './scenario/types.js';

/** The input: a scenario, or a recording with its seed. */
export type Played =
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  | { readonly kind: 'recording'; readonly survey: Survey; readonly seed: number };

/** The policies to test. */
export interface Against {
  readonly config: Pick<BreakersConfig, 'file'>;
  /** The environments that the policies have values for. */
  readonly environments: readonly string[];
  /** Returns the settings of a service, as a client has them. */
  policies(service: string): ServicePolicies;
  /** Returns the operations of a service. Undefined without a document. */
  readonly operations: (service: string) => readonly KnownOperation[] | undefined;
  /** The name of the YAML's `environments` block. */
  readonly environment: string | undefined;
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Plays an outage against the policies of a breaker YAML, on a virtual clock. The same input gives the same result.
 *
 * @throws {ConfigurationError} if settings contradict each other, or if an environment variable cannot be read
 */
export async function simulate(played: Played, against: Against, onProgress?: OnProgress): Promise<SimulationResult> {
  const { config, environments, environment, env, operations } = against;
  const shown = environment !== undefined && environments.includes(environment) ? environment : undefined;
  const setup = { policies: against.policies, environment, env };
  const about = { breakers: config.file, environment: shown };
  if (played.kind === 'recording') {
    const { survey, seed } = played;
    const { simulation, reality } = await runRecording(survey, seed, { ...setup, operations }, onProgress);
    const start = startOf(survey);
    const scenario = {
      name: survey.file.split('/').at(-1) ?? survey.file,
      file: survey.file,
      seed,
      durationMs: survey.durationMs,
      start: start === undefined ? undefined : new Date(start).toISOString(),
      healthyBelow: SCENARIO_DEFAULTS.healthyBelow,
    };
    return resultOf(simulation, { ...about, scenario }, reality);
  }
  const { name, file, seed, durationMs, healthyBelow, services } = played.scenario;
  const simulation = runScenario(played.scenario, setup, onProgress);
  const scenario = { name, file, seed, durationMs, start: undefined, healthyBelow };
  const byName = new Map(services.map((service) => [service.name, { service, segments: segmentsOf(service, durationMs) }]));
  return resultOf(simulation, { ...about, scenario }, (service) => {
    const found = byName.get(service);
    if (found === undefined) return { truth: () => [], conditions: [] };
    const { segments } = found;
    return { truth: (of) => scenarioTruth(segments, of), conditions: conditionSteps(found.service, segments) };
  });
}
