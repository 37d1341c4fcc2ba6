import type { OptionSpecs, Parsed } from './args.js';
import type { Io } from './io.js';
import { INPUT, OUTPUT, REPORT, SERVICES } from './options.js';

export interface Command {
  readonly summary: string;
  /** After the command's name. */
  readonly usage: string;
  readonly about: readonly string[];
  readonly options: OptionSpecs;
  /** Names of positional arguments. */
  readonly positionals: readonly string[];
  /** Imports what it needs when it runs: help should not wait for a compiler. */
  readonly run: (parsed: Parsed, io: Io) => Promise<number>;
}

const { json, color, 'no-color': noColor, help } = REPORT;

export const COMMANDS: Readonly<Record<string, Command>> = {
  generate: {
    summary: 'write the clients',
    usage: '[options]',
    about: ['Reads the OpenAPI documents and the breaker YAML, and writes a folder per service. With an error nothing is written.'],
    options: {
      ...INPUT,
      ...OUTPUT,
      ...SERVICES,
      check: { type: 'boolean', help: 'write nothing; exit 3 with a short diff where something is stale' },
      ...REPORT,
    },
    positionals: [],
    run: async (parsed, io) => (await import('./generate-command.js')).generateCommand(parsed, io),
  },
  check: {
    summary: 'exit 3 where what is generated is stale',
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
    summary: 'show what holds for an operation, and which layer says so',
    usage: '<service> [<operation>] [options]',
    about: ['Shows each effective setting and where it comes from: `fuseline explain ghl contacts.get`.'],
    options: {
      ...INPUT,
      environment: {
        type: 'string',
        value: 'NAME',
        help: "the YAML's block of `environments` (default: FUSELINE_ENV, else NODE_ENV)",
      },
      ...Object.fromEntries(Object.entries({ json, color, 'no-color': noColor, help }).filter((entry) => entry[1] !== undefined)),
    } as OptionSpecs,
    positionals: ['service', 'operation'],
    run: async (parsed, io) => (await import('./explain-command.js')).explainCommand(parsed, io),
  },
  dashboards: {
    summary: 'write a Grafana dashboard and Prometheus alert rules',
    usage: '[options]',
    about: [
      'Writes grafana-dashboard.json, prometheus-alerts.yaml and prometheus-alerts.test.yaml from the services and thresholds of the breaker YAML.',
      'The metrics are those of `fuseline/metrics`.',
    ],
    options: {
      ...INPUT,
      out: { type: 'string', value: 'DIR', help: 'where the files are written (default: ops)' },
      environment: { type: 'string', value: 'NAME', help: "the YAML's block of `environments` (default: production, where there is one)" },
      prefix: { type: 'string', value: 'TEXT', help: 'the prefix given to collectMetrics (default: none)' },
      check: { type: 'boolean', help: 'write nothing; exit 3 where something is stale' },
      ...REPORT,
    },
    positionals: [],
    run: async (parsed, io) => (await import('./dashboards-command.js')).dashboardsCommand(parsed, io),
  },
};
