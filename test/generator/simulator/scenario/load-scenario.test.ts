import { describe, expect, it } from 'vitest';
import { FAULT_NAMES } from '../../../../generator/simulator/scenario/faults.js';
import { parseScenario } from '../../../../generator/simulator/scenario/load-scenario.js';
import { resolveScenario } from '../../../../generator/simulator/scenario/resolve-scenario.js';
import type { Scenario } from '../../../../generator/simulator/scenario/types.js';

const operations = [
  { id: 'contacts.get', method: 'GET' },
  { id: 'contacts.create', method: 'POST', idempotencyHeader: 'Idempotency-Key' },
] as const;

/** What is said of a scenario: `line:column message | hint`. */
function said(text: string): readonly string[] {
  const { draft, diagnostics } = parseScenario(text, 's.yaml');
  const around = { services: ['ghl', 'retell'], operations: (name: string) => (name === 'ghl' ? operations : undefined) };
  const all = draft === undefined ? diagnostics : [...diagnostics, ...resolveScenario(draft, around).diagnostics];
  return all.map(({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` | ${hint}`}`);
}

function scenario(text: string): Scenario {
  const { draft, diagnostics } = parseScenario(text, 'dir/s.yaml');
  if (draft === undefined) throw new Error(JSON.stringify(diagnostics));
  const resolved = resolveScenario(draft, { services: ['ghl', 'retell'], operations: (name) => (name === 'ghl' ? operations : undefined) });
  if (resolved.scenario === undefined) throw new Error(JSON.stringify(resolved.diagnostics));
  return resolved.scenario;
}

const BASE = 'service: ghl\nduration: 60\ntraffic: 5\n';
const SHARE = 'a share from 0 to 1';

describe('what is wrong in a scenario is told with its place', () => {
  it.each<[string, string]>([
    ['error_rate: 30', `4:13 \`error_rate\` is 30, expected ${SHARE}. | Write \`0.3\`: a share, not percent.`],
    ['error_rate: 1.4', `4:13 \`error_rate\` is 1.4, expected ${SHARE}. | Write \`0.014\`: a share, not percent.`],
    ['error_rate: 30 %', `4:13 \`error_rate\` is "30 %", expected ${SHARE}. | Write \`0.3\`: a share, not percent.`],
    ['error_rates: 0.3', '4:1 Unknown key `error_rates` in the file. | Did you mean `error_rate`?'],
    ['rps: 3', '4:1 Unknown key `rps` in the file. | Did you mean `traffic`?'],
    ['errors: { 503: 1, hangs: 2 }', '4:19 Unknown key `hangs` in `errors`. | Did you mean `hang`?'],
    ['errors: { 200: 1 }', `4:11 Unknown key \`200\` in \`errors\`. | Known here: ${FAULT_NAMES.join(', ')}.`],
    ['errors: {}', '4:9 `errors` is a mapping, expected a mapping of weights, such as { 503: 8, hang: 2 }.'],
    ['errors: { 503: 0 }', '4:1 Every weight of `errors` is 0, expected one above 0.'],
    [
      'latency_ms: 1s',
      '4:13 `latency_ms` is "1s", expected a number of milliseconds, or a mapping with p50 and p99. | Write `1000`: the unit is milliseconds.',
    ],
    ['latency_ms: { p50: 100 }', '4:1 `p99:` is missing, expected it in `latency_ms`.'],
    ['latency_ms: { p50: 100, p99: 50 }', '4:30 `p99` is 50, expected at least p50, which is 100.'],
    ['latency_ms: { p50: 0, p99: 50 }', '4:20 `p50` is 0, expected a number above 0: a log-normal time has no median of 0.'],
    ['arrivals: evenly', '4:11 `arrivals` is "evenly", expected poisson, even or jitter. | Did you mean `even`?'],
    ['phases: [{ for: 3 }]', '4:10 `at:` is missing, expected it in `phases[0]`.'],
    ['phases: [{ at: 5, errors_rate: 1 }]', '4:19 Unknown key `errors_rate` in `phases[0]`. | Did you mean `error_rate`?'],
    ['phases: [{ at: 60 }]', '4:16 This phase begins at 60 s, after the end of the scenario at 60 s.'],
    [
      'phases: [{ at: 1, traffic: 1, operations: [contacts.get] }]\noperations: { contacts.get: 1 }',
      '4:19 `traffic` applies to the whole service, expected a phase without `operations`.',
    ],
    [
      'operations: { contacts.gett: 1 }',
      '4:15 Service `ghl` has no operation "contacts.gett", expected one of the 2 that its documents have. | Did you mean `contacts.get`?',
    ],
    ['operations: { contacts.get: 0 }', '4:1 Every weight of `operations` is 0, expected one above 0.'],
    [
      'operations: { contacts.get: { method: POST } }',
      '4:39 `method` is POST, but the document says that contacts.get is a GET. | Remove `method`.',
    ],
    ['seed: -1', '4:7 `seed` is -1, expected a whole number from 0 to 4,294,967,295.'],
    ['vendor_limit: { per_seconds: 10 }', '4:1 `requests:` is missing, expected it in `vendor_limit`.'],
    ['services: { retell: {} }', '4:1 `service` and `services` are both given, expected one of them.'],
    ['  bad: [', '4:8 Not valid YAML: `[` is never closed, expected `]` before the end of the file.'],
  ])('%s', (line, message) => {
    expect(said(`${BASE}${line}\n`)).toEqual([message]);
  });

  it('a phase that names an operation without calls', () => {
    expect(said(`${BASE}operations: { contacts.get: 1 }\nphases: [{ at: 1, operations: [users.list, contacts.gett] }]\n`)).toEqual([
      '5:32 The operation "users.list" gets no calls, expected contacts.get. | Name it in `operations` of the service, with a weight.',
      '5:44 The operation "contacts.gett" gets no calls, expected contacts.get. | Did you mean `contacts.get`?',
    ]);
  });

  it.each<[string, string]>([
    ['', 'undefined:undefined The file is empty, expected `duration:` and `traffic:`.'],
    ['service: ghl\ntraffic: 5\n', '1:1 `duration:` is missing, expected it at the top of the file.'],
    ['service: ghl\nduration: 5\n', '1:1 `traffic:` is missing, so ghl gets no calls. | For example `traffic: 50`, in calls per second.'],
    ['duration: 5\ntraffic: 1\n', '1:1 `service:` is missing. | Write `service: ghl`, or `services:` with a mapping of services.'],
    ['service: gl\nduration: 5\ntraffic: 1\n', '1:10 There is no service "gl", expected ghl, retell. | Did you mean `ghl`?'],
    [
      'services: { ghl: {}, retel: {} }\nduration: 5\ntraffic: 1\n',
      '1:22 There is no service "retel", expected ghl, retell. | Did you mean `retell`?',
    ],
    ['circuit_breaker: {}\n', '1:1 This is a breaker YAML, expected a scenario. | Pass it with `--breakers`.'],
    [
      'service: ghl\nduration: 600000\ntraffic: 100000\n',
      '2:11 The scenario makes about 60000 million calls, expected at most 200 million.',
    ],
  ])('%j', (text, message) => {
    expect(said(text)).toContain(message);
  });

  it('with the lines around it', () => {
    const [found] = parseScenario(`${BASE}error_rate: 2\n`, 's.yaml').diagnostics;
    expect(found?.frame).toBe('  2 | duration: 60\n  3 | traffic: 5\n> 4 | error_rate: 2\n    |             ^');
  });
});

describe('a scenario', () => {
  it('has defaults', () => {
    expect(scenario(BASE)).toEqual({
      name: 's',
      file: 'dir/s.yaml',
      seed: 1,
      durationMs: 60_000,
      healthyBelow: 0.1,
      services: [
        {
          name: 'ghl',
          trafficPerSecond: 5,
          arrivals: 'poisson',
          operations: [{ id: '(any)', namespace: '(any)', method: 'GET', idempotencyHeader: undefined, weight: 1 }],
          distinctRequests: 100,
          senders: 1,
          vendorLimit: undefined,
          errorRate: 0,
          errors: [{ fault: 503, weight: 1 }],
          latency: { p50Ms: 100, p99Ms: 100 },
          errorLatency: undefined,
          retryAfterSeconds: undefined,
          phases: [],
        },
      ],
    });
  });

  it('has operations as the documents have them, and others as it says itself', () => {
    const text = 'duration: 9\ntraffic: 1\nmethod: PUT\nservices:\n  ghl: { operations: { contacts.get: 3, contacts.create: 1 } }\n';
    const { services } = scenario(`${text}  retell: { operations: { calls.list: { weight: 2, method: POST }, calls.get: 1 } }\n`);
    expect(services.map((service) => service.operations.map(({ id, method, weight }) => `${id} ${method} ${weight}`))).toEqual([
      ['contacts.get GET 3', 'contacts.create POST 1'],
      ['calls.list POST 2', 'calls.get PUT 1'],
    ]);
    expect(services[0]?.operations[1]?.idempotencyHeader).toBe('Idempotency-Key');
  });

  it('says at the top what holds for every service, and a service says more', () => {
    const { services } = scenario(
      'duration: 60\ntraffic: 5\nerror_rate: 0.1\nphases: [{ at: 1, error_rate: 1 }]\nservices:\n  ghl:\n  retell: { traffic: 9, phases: [{ at: 2, for: 100, traffic: 0 }] }\n',
    );
    expect(services.map(({ name, trafficPerSecond, errorRate }) => [name, trafficPerSecond, errorRate])).toEqual([
      ['ghl', 5, 0.1],
      ['retell', 9, 0.1],
    ]);
    const [first, second] = services.map(({ phases }) => phases.map(({ fromMs, toMs }) => [fromMs, toMs]));
    expect(first).toEqual([[1_000, 60_000]]);
    // A phase ends with the scenario at the latest.
    expect(second).toEqual([
      [1_000, 60_000],
      [2_000, 60_000],
    ]);
  });

  it('knows `timeout` for what it is: no answer', () => {
    const [service] = scenario(`${BASE}errors: { timeout: 1, 503: 2, network: 0 }\n`).services;
    expect(service?.errors).toEqual(
      expect.arrayContaining([
        { fault: 'hang', weight: 1 },
        { fault: 503, weight: 2 },
      ]),
    );
    expect(service?.errors).toHaveLength(2);
  });

  it('takes a seed from outside', () => {
    const { draft } = parseScenario(`${BASE}seed: 4\n`, 's.yaml');
    if (draft === undefined) throw new Error('no draft');
    const around = { services: ['ghl'], operations: () => undefined };
    expect(resolveScenario(draft, around).scenario?.seed).toBe(4);
    expect(resolveScenario(draft, { ...around, seed: 9 }).scenario?.seed).toBe(9);
  });
});
