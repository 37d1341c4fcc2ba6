import { DiagnosticError } from '../../../runtime/config/diagnostic.js';
import type { KnownOperation } from '../../../runtime/config/known-operations.js';
import { diagnostic } from '../../../runtime/config/source.js';
import { Random, subSeed } from '../engine/random.js';
import { type OnProgress, type PolicySetup, SCENARIO_START } from '../engine/run-scenario.js';
import { Simulation } from '../engine/simulation.js';
import type { JudgedOperation, Reality } from '../result/result.js';
import { Judge } from '../result/truth.js';
import { type OperationPlan, SCENARIO_DEFAULTS } from '../scenario/types.js';
import { RecordedBehaviour } from './recorded-behaviour.js';
import { RecordedTruth } from './recorded-truth.js';
import { type RecordedCall, readRows } from './rows.js';
import { lateRowsAre, type Survey } from './survey.js';

/** Times above this number of milliseconds are dates (this one is in the autumn of 1973). */
const DATES_FROM = 120_000_000_000;

export interface RecordedRun {
  readonly simulation: Simulation;
  reality(service: string): Reality;
}

/** Returns the start of a recording with dates. Undefined for other recordings. */
export function startOf({ startMs }: Survey): number | undefined {
  return startMs >= DATES_FROM ? startMs : undefined;
}

/**
 * Plays a recording against policies, on a virtual clock. Makes each call at its recorded time.
 *
 * @throws {ConfigurationError} if settings of the policies contradict each other
 * @throws {DiagnosticError} if the file has changed since the survey
 */
export async function runRecording(
  survey: Survey,
  seed: number,
  setup: PolicySetup & { operations(service: string): readonly KnownOperation[] | undefined },
  onProgress?: OnProgress,
): Promise<RecordedRun> {
  const { durationMs, startMs, path, file, usual } = survey;
  const services = [...survey.services].map(([name, recorded]) => ({
    name,
    policies: setup.policies(name),
    operations: [...recorded.operations].map(([id, { count, method }]): OperationPlan => {
      const found = setup.operations(name)?.find((operation) => operation.id === id);
      return {
        id,
        namespace: id.split('.')[0] ?? '',
        method: found?.method ?? method ?? 'GET',
        idempotencyHeader: found?.idempotencyHeader,
        weight: count,
      };
    }),
    distinctRequests: recorded.requests.size > 0 ? recorded.requests.size : SCENARIO_DEFAULTS.distinctRequests,
    senders: 1,
    behaviour: new RecordedBehaviour(name, seed),
  }));
  const { environment, env } = setup;
  const simulation = new Simulation({ services, durationMs, seed, wallStart: startOf(survey) ?? SCENARIO_START, environment, env });
  const parts = new Map(
    services.map((service, at): [string, Part] => {
      const run = simulation.runs[at] as Simulation['runs'][number];
      const calls = service.operations.reduce((sum, { weight }) => sum + weight, 0);
      const judged = service.operations.map(({ weight }, index) => ({ index, weight, judge: new Judge(run.policyOf(index)) }));
      return [
        service.name,
        {
          run,
          behaviour: service.behaviour,
          truth: new RecordedTruth(durationMs, calls, judged.length),
          judged: new Map(service.operations.map(({ id }, index) => [id, judged[index] as JudgedOperation])),
          requests: survey.services.get(service.name)?.requests ?? new Map(),
          wishes: new Random(subSeed(seed, `wishes of ${service.name}`)),
        },
      ];
    }),
  );
  let calls = 0;
  const play = (row: RecordedCall): void => {
    const part = parts.get(row.service ?? usual.service ?? '');
    const operation = part?.judged.get(row.operation ?? usual.operation);
    const atMs = row.timeMs - startMs;
    if (part === undefined || operation === undefined || atMs < 0 || atMs > durationMs) throw changed(file);
    simulation.runTo(atMs);
    const { requests, wishes } = part;
    const request =
      requests.get(row.request ?? '') ?? Math.floor(wishes.next() * Math.max(1, requests.size || SCENARIO_DEFAULTS.distinctRequests));
    part.truth.add(operation, row, atMs);
    part.behaviour.expect(operation.index, row);
    part.run.call(operation.index, request, 0);
    part.behaviour.made();
    calls++;
  };
  const order = lateRowsAre(() => {
    throw changed(file);
  });
  for await (const rows of readRows(path, file)) {
    for (const row of order.push(rows)) play(row);
    onProgress?.(calls / survey.calls);
  }
  for (const row of order.end()) play(row);
  simulation.finish();
  return {
    simulation,
    reality: (name) => ({ truth: (operations) => parts.get(name)?.truth.steps(operations) ?? [], conditions: [] }),
  };
}

interface Part {
  readonly run: Simulation['runs'][number];
  readonly behaviour: RecordedBehaviour;
  readonly truth: RecordedTruth;
  readonly judged: ReadonlyMap<string, JudgedOperation>;
  readonly requests: ReadonlyMap<string, number>;
  readonly wishes: Random;
}

function changed(file: string): DiagnosticError {
  return new DiagnosticError([
    diagnostic(file, { code: 'file-changed', message: 'the file changed while it was read, expected an unchanged file' }),
  ]);
}
