import fc from 'fast-check';
import { parseBreakers } from 'fuseline/config';
import { expect, test } from 'vitest';
import { runScenario } from '../../../../generator/simulator/engine/run-scenario.js';
import { parseScenario } from '../../../../generator/simulator/scenario/load-scenario.js';
import { resolveScenario } from '../../../../generator/simulator/scenario/resolve-scenario.js';
import type { Scenario } from '../../../../generator/simulator/scenario/types.js';
import { type Counts, playWithRealClient } from './reference.js';

/** What the simulator counts, in the same words. */
function playWithSimulator(
  scenario: Scenario,
  breakersYaml: string,
): Omit<Counts, 'waits'> & { readonly worst: number; readonly sum: number } {
  const { config, diagnostics } = parseBreakers(breakersYaml, 'b.yaml');
  if (config === undefined) throw new Error(JSON.stringify(diagnostics));
  const { runs, transitions } = runScenario(scenario, {
    policies: (name) => config.service(name).policies,
    environment: undefined,
    env: {},
  });
  const tallies = runs.flatMap((run) => run.tallies);
  const sum = (key: 'calls' | 'network' | 'cache' | 'fallback' | 'blocked' | 'limited' | 'attempts' | 'waitSumMs'): number =>
    tallies.reduce((total, tally) => total + tally[key], 0);
  const errors: Record<string, number> = {};
  for (const tally of tallies) for (const [kind, count] of tally.errors) errors[kind] = (errors[kind] ?? 0) + count;
  return {
    calls: sum('calls'),
    network: sum('network'),
    cache: sum('cache'),
    fallback: sum('fallback'),
    blocked: sum('blocked'),
    limited: sum('limited'),
    attempts: sum('attempts'),
    errors,
    worst: Math.max(0, ...tallies.map((tally) => tally.worstWaitMs)),
    sum: sum('waitSumMs'),
    transitions: transitions.map(({ atMs, event }) => [atMs, event.circuit, event.oldState, event.newState] as const),
  };
}

const seconds = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.round(min * 1_000), max: Math.round(max * 1_000) }).map((ms) => ms / 1_000);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined, freq: 2 });

const policies = fc.record(
  {
    failure_threshold: fc.integer({ min: 1, max: 6 }),
    success_threshold: fc.integer({ min: 1, max: 3 }),
    half_open_max_calls: fc.integer({ min: 1, max: 3 }),
    recovery_timeout_seconds: seconds(0.5, 8),
    timeout_seconds: seconds(0.3, 2),
    scope: fc.constantFrom('service', 'namespace', 'operation'),
    retry: fc.oneof(
      fc.constant(false),
      fc.record({
        max_attempts: fc.integer({ min: 1, max: 4 }),
        base_delay_seconds: seconds(0.01, 0.5),
        max_retry_after_seconds: seconds(0, 5),
      }),
    ),
    sliding_window: maybe(
      fc.oneof(
        fc.record({
          size: fc.integer({ min: 5, max: 30 }),
          minimum_calls: fc.integer({ min: 2, max: 5 }),
          failure_rate_threshold: fc.constantFrom(0.2, 0.5, 0.8),
          slow_call_duration_seconds: seconds(0.1, 0.4),
        }),
        fc.record({
          duration_seconds: seconds(2, 10),
          minimum_calls: fc.integer({ min: 2, max: 10 }),
          failure_rate_threshold: fc.constantFrom(0.2, 0.5),
        }),
      ),
    ),
    reopen_backoff: maybe(
      fc.record({ multiplier: fc.constantFrom(1.5, 2), jitter: fc.constantFrom(0, 0.2, 1), reset_after_seconds: seconds(1, 20) }),
    ),
    ramp: maybe(fc.record({ duration_seconds: seconds(1, 10), initial_share: fc.constantFrom(0.1, 0.5) })),
    bulkhead: maybe(
      fc.record({
        max_concurrent: fc.integer({ min: 1, max: 3 }),
        max_queue: fc.integer({ min: 0, max: 5 }),
        max_wait_seconds: seconds(0.1, 3),
      }),
    ),
    rate_limit: maybe(
      fc.record({ requests: fc.integer({ min: 2, max: 20 }), per_seconds: seconds(1, 5), max_wait_seconds: seconds(0.1, 3) }),
    ),
    coalesce: fc.boolean(),
    operations: fc.record(
      {
        'contacts.get': fc.record({
          fallback: fc.constantFrom(false, { last_good: { max_age_seconds: 4 } }, [{ last_good: { max_age_seconds: 1 } }, { value: {} }]),
        }),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: ['recovery_timeout_seconds', 'timeout_seconds'] },
);

const conditions = {
  error_rate: fc.constantFrom(0, 0.1, 0.4, 1),
  errors: fc.constantFrom(
    { 503: 1 },
    { 500: 3, 429: 2, network: 1 },
    { hang: 1 },
    { refused: 1, 502: 1, connect_timeout: 1 },
    { local: 1, dns: 1, tls: 1, unreachable: 1 },
    { reset: 1, protocol: 1, body_timeout: 1 },
    { 404: 1, 503: 1 },
    { 429: 1 },
  ),
  latency_ms: fc.constantFrom(20, 150, { p50: 100, p99: 1_500 }, { p50: 400, p99: 2_500 }),
  error_latency_ms: fc.constantFrom(5, 200),
  retry_after: fc.constantFrom(1, 3),
};

const scenarios = fc.record(
  {
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    traffic: fc.integer({ min: 2, max: 12 }),
    arrivals: fc.constantFrom('poisson', 'even', 'jitter'),
    senders: fc.integer({ min: 1, max: 2 }),
    distinct_requests: fc.integer({ min: 1, max: 5 }),
    vendor_limit: fc.record({ requests: fc.integer({ min: 3, max: 15 }), per_seconds: seconds(1, 3) }),
    ...conditions,
    phases: fc.array(fc.record({ at: seconds(0, 25), for: seconds(2, 15), ...conditions }, { requiredKeys: ['at', 'for'] }), {
      maxLength: 3,
    }),
  },
  { requiredKeys: ['seed', 'traffic', 'phases'] },
);

function scenarioOf(data: object): Scenario {
  const operations = { 'contacts.get': 6, 'contacts.delete': 2, 'contacts.create': 2 };
  const { draft, diagnostics } = parseScenario(JSON.stringify({ service: 'ghl', duration: 30, operations, ...data }), 's.yaml');
  if (draft === undefined) throw new Error(JSON.stringify(diagnostics));
  const known = { 'contacts.get': 'GET', 'contacts.delete': 'DELETE', 'contacts.create': 'POST' } as const;
  const around = {
    services: ['ghl'],
    operations: () => Object.entries(known).map(([id, method]) => ({ id, method })),
  };
  const resolved = resolveScenario(draft, around);
  if (resolved.scenario === undefined) throw new Error(JSON.stringify(resolved.diagnostics));
  return resolved.scenario;
}

test('the simulator counts what the generated client does, call for call and change for change', async () => {
  let opened = 0;
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, policies, async (data, ghl) => {
      // What is undefined is not there.
      const yaml = JSON.stringify({ circuit_breaker: { services: { ghl } } });
      const scenario = scenarioOf(JSON.parse(JSON.stringify(data)));
      const { waits, ...real } = await playWithRealClient(scenario, yaml);
      const { worst, sum, ...simulated } = playWithSimulator(scenario, yaml);
      expect(simulated).toEqual(real);
      expect(worst).toBe(Math.max(0, ...waits));
      expect(sum).toBeCloseTo(
        waits.reduce((total, wait) => total + wait, 0),
        3,
      );
      opened += real.transitions.length;
      answered += real.cache + real.fallback;
    }),
    { numRuns: 40, seed: 7 },
  );
  // Not by being idle.
  expect(opened).toBeGreaterThan(20);
  expect(answered).toBeGreaterThan(20);
});
