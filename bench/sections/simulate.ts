import { runScenario } from '../../generator/simulator/engine/run-scenario.js';
import { parseScenario } from '../../generator/simulator/scenario/load-scenario.js';
import { resolveScenario } from '../../generator/simulator/scenario/resolve-scenario.js';
import { parseBreakers } from '../../runtime/config/index.js';
import { hand, QUICK } from '../settings.js';

const BREAKERS = `circuit_breaker:
  services:
    acme:
      failure_threshold: 5
      operations: { a.get: { fallback: { last_good: { max_age_seconds: 300 } } } }
    never: { enabled: false }
`;

/** Seconds that are simulated; all figures are for an hour. */
const SECONDS = QUICK ? 600 : 3_600;
const third = SECONDS / 3;

/** What is played at 1,000 calls a second, and what makes it dear. */
const SCENARIOS: readonly (readonly [name: string, more: string])[] = [
  ['nothing fails', 'service: acme'],
  ['down for a third of the time, no fallback', `service: acme\nphases: [{ at: ${third}, for: ${third}, error_rate: 1 }]`],
  [
    'the same, last good responses answer',
    `service: acme\noperations: { a.get: 1 }\nphases: [{ at: ${third}, for: ${third}, error_rate: 1 }]`,
  ],
  [
    'nothing answers for a third of the time',
    `service: acme\nphases: [{ at: ${third}, for: ${third}, error_rate: 1, errors: { hang: 1 } }]`,
  ],
  ['2 % fail all the time', 'service: acme\nerror_rate: 0.02'],
  ['30 % fail all the time, circuit switched off', 'service: never\nerror_rate: 0.3'],
];

const { config } = parseBreakers(BREAKERS, 'b.yaml');
if (config === undefined) throw new Error('the breaker YAML of this section has an error');

const rows = SCENARIOS.map(([name, more]) => {
  const text = `duration: ${SECONDS}\ntraffic: 1000\nlatency_ms: { p50: 120, p99: 900 }\n${more}\n`;
  const { draft } = parseScenario(text, 's.yaml');
  const around = { services: [...config.services.keys()], operations: () => undefined };
  const scenario = draft && resolveScenario(draft, around).scenario;
  if (scenario === undefined) throw new Error(`the scenario '${name}' has an error`);
  const wall = performance.now();
  const cpu = process.cpuUsage();
  const { runs } = runScenario(scenario, { policies: (service) => config.service(service).policies, environment: undefined, env: {} });
  const { user, system } = process.cpuUsage(cpu);
  const calls = runs.flatMap((run) => run.tallies).reduce((sum, tally) => sum + tally.calls, 0);
  const anHour = 3_600_000 / calls;
  return { name, wall: ((performance.now() - wall) / 1_000) * anHour, cpu: ((user + system) / 1e6) * anHour };
});

hand({
  tables: [
    {
      title: `An hour of 1,000 calls a second, simulated${QUICK ? ' (from ten minutes of it)' : ''}`,
      columns: ['CPU s', 'wall s', 'CPU us/call'],
      rows: rows.map(({ name, wall, cpu }) => [name, cpu.toFixed(1), wall.toFixed(1), ((cpu / 3_600_000) * 1e6).toFixed(2)]),
    },
  ],
  marks: [
    {
      name: 'An hour of 1,000 calls a second: the dearest scenario',
      // The wall, for it is what someone waits for: the collector of garbage works beside.
      value: Math.max(...rows.map(({ wall }) => wall)),
      limit: 10,
      unit: ' s',
    },
  ],
});
process.exit(0);
