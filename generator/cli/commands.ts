import type { OptionSpecs, Parsed } from './args.js';
import type { Io } from './io.js';
import { environmentOption, INPUT, OUTPUT, PRINT, REPORT, SERVICES } from './options.js';

export interface Command {
  readonly summary: string;
  /** The text after the command's name. */
  readonly usage: string;
  readonly about: readonly string[];
  readonly options: OptionSpecs;
  /** The names of the positional arguments. */
  readonly positionals: readonly string[];
  /** Runs the command. Imports the command's code first, so that help does not load a compiler. */
  readonly run: (parsed: Parsed, io: Io) => Promise<number>;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  generate: {
    summary: 'write the clients',
    usage: '[options]',
    about: ['Reads the OpenAPI documents and the breaker YAML, and writes a folder per service. Writes nothing if there is an error.'],
    options: {
      ...INPUT,
      ...OUTPUT,
      ...SERVICES,
      check: { type: 'boolean', help: 'write nothing; exit with 3 and a short diff if files are stale' },
      ...REPORT,
    },
    positionals: [],
    run: async (parsed, io) => (await import('./generate-command.js')).generateCommand(parsed, io),
  },
  check: {
    summary: 'exit with 3 if generated files are stale',
    usage: '[options]',
    about: ['The same as `fuseline generate --check`.'],
    options: { ...INPUT, ...OUTPUT, ...SERVICES, ...REPORT },
    positionals: [],
    run: async (parsed, io) => (await import('./generate-command.js')).checkCommand(parsed, io),
  },
  validate: {
    summary: 'check the documents and the YAML, write nothing',
    usage: '[options]',
    about: ['Reads what `fuseline generate` would read, and reports every fault with its place.'],
    options: { ...INPUT, ...SERVICES, ...REPORT },
    positionals: [],
    run: async (parsed, io) => (await import('./validate-command.js')).validateCommand(parsed, io),
  },
  explain: {
    summary: 'show the effective settings of an operation and their origin',
    usage: '<service> [<operation>] [options]',
    about: ['Shows each effective setting and its origin: `fuseline explain ghl contacts.get`.'],
    options: {
      ...INPUT,
      ...environmentOption('FUSELINE_ENV, then NODE_ENV'),
      all: { type: 'boolean', help: 'also show the settings of policies that are off' },
      ...PRINT,
    },
    positionals: ['service', 'operation'],
    run: async (parsed, io) => (await import('./explain-command.js')).explainCommand(parsed, io),
  },
  dashboards: {
    summary: 'write a Grafana dashboard and Prometheus alert rules',
    usage: '[options]',
    about: [
      'Writes grafana-dashboard.json, prometheus-alerts.yaml and prometheus-alerts.test.yaml from the services and thresholds of the breaker YAML.',
      'They use the metrics of `fuseline/metrics`.',
    ],
    options: {
      ...INPUT,
      out: { type: 'string', value: 'DIR', help: 'output folder (default: ops)' },
      ...environmentOption('production, if the YAML has it'),
      prefix: { type: 'string', value: 'TEXT', help: 'prefix of the metrics, as given to collectMetrics (default: none)' },
      check: { type: 'boolean', help: 'write nothing; exit with 3 if files are stale' },
      ...REPORT,
    },
    positionals: [],
    run: async (parsed, io) => (await import('./dashboards-command.js')).dashboardsCommand(parsed, io),
  },
  simulate: {
    summary: 'play an outage against the policies, on a virtual clock',
    usage: '--scenario FILE [options]',
    about: [
      'Plays an outage (a scenario, or a CSV of recorded calls) against the policies of the breaker YAML. Runs the circuits, retries, budgets',
      'and limits of a client with a simulated transport and a virtual clock. Prints a timeline and the outcome of the calls:',
      '',
      '  served           the service answered, at the first attempt or a later one',
      '  fallback         the last good response or a fixed value answered',
      '  blocked          an open circuit refused the call; also counted as fallback or failed',
      '  time to open     from the first moment with 10 % failing requests until the circuit opens (healthy_below sets another share)',
      '  time to recover  from the first moment with fewer failing requests until the circuit closes',
      '  false opens      the circuit opened while fewer failed, or while fewer than half failed and the next probes closed it again',
    ],
    options: {
      ...INPUT,
      scenario: { type: 'string', value: 'FILE', help: 'YAML file with phases, or CSV file with the columns time, duration and outcome' },
      compare: { type: 'string', value: 'FILE', help: 'another breaker YAML; plays both and shows them side by side' },
      html: { type: 'string', value: 'FILE', help: 'also write a self-contained page with plots' },
      ...environmentOption('FUSELINE_ENV, then NODE_ENV'),
      seed: { type: 'string', value: 'N', help: 'seed of all random values (default: seed of the scenario, then 1)' },
      service: { type: 'string', value: 'NAME', help: 'service of recorded calls that name none' },
      operation: { type: 'string', value: 'ID', help: 'operation of recorded calls that name none' },
      ...REPORT,
      verbose: { type: 'boolean', help: 'show every line of the timeline' },
    },
    positionals: [],
    run: async (parsed, io) => (await import('./simulate-command.js')).simulateCommand(parsed, io),
  },
};
