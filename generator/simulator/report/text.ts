import type { Totals } from '../engine/tally.js';
import type { CircuitResult } from '../result/circuits.js';
import type { ServiceResult, SimulationResult } from '../result/types.js';
import { ANY_OPERATION } from '../scenario/types.js';
import { textTable } from './table.js';
import { timeline } from './timeline.js';
import { count, offset, percent, time } from './words.js';

export interface TextOptions {
  /** True to show the complete timeline. */
  readonly whole: boolean;
  readonly paint: (style: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', text: string) => string;
}

/** The number of timeline lines that are shown. */
const SHOWN = 60;

const MARKS = {
  conditions: ['dim', ' '],
  open: ['red', '✗'],
  half_open: ['yellow', '◐'],
  closed: ['green', '✓'],
  more: ['dim', '…'],
} as const;

/** Returns a result as text for people: the scenario, the timeline and the tables. */
export function textReport(result: SimulationResult, options: TextOptions): string {
  const { paint } = options;
  return [
    `${paint('bold', headline(result))}\n`,
    `${paint('bold', 'Timeline')}\n${timelineText(result, options)}`,
    `${paint('bold', 'Calls')}\n${callsTable(result.services)}${notes(result)}`,
    `${paint('bold', 'Circuits')}\n${circuitsTable(result)}`,
  ].join('\n');
}

/** Returns `full outage: 30 min, seed 1, against specs/breakers.yaml`. */
export function headline({ scenario, breakers, environment }: SimulationResult): string {
  const where = environment === undefined ? '' : ` in ${environment}`;
  const when = scenario.start === undefined ? '' : ` from ${scenario.start}`;
  return `${scenario.name}: ${time(scenario.durationMs)}${when}, seed ${scenario.seed}, against ${breakers}${where}`;
}

function timelineText(result: SimulationResult, { whole, paint }: TextOptions): string {
  const entries = timeline(result, whole);
  const shown = whole ? entries : entries.slice(0, SHOWN);
  const times = shown.map(({ atMs }) => offset(atMs));
  const names = shown.map(({ circuit, service }) => circuit ?? service);
  const [timeWidth, nameWidth] = [Math.max(...times.map((text) => text.length)), Math.max(...names.map((text) => text.length))];
  const lines = shown.map(({ kind, text }, at) => {
    const [style, mark] = MARKS[kind];
    const said = kind === 'conditions' || kind === 'more' ? paint('dim', text) : text;
    return `  ${(times[at] ?? '').padEnd(timeWidth)}  ${(names[at] ?? '').padEnd(nameWidth)}  ${paint(style, mark)} ${said}\n`;
  });
  const left = entries.length - shown.length;
  return `${lines.join('')}${left === 0 ? '' : `  … and ${count(left)} more (--verbose shows all)\n`}`;
}

function callsTable(services: readonly ServiceResult[]): string {
  const limited = services.some(({ totals }) => totals.limited > 0);
  const head = [
    '',
    'calls',
    'served',
    'fallback',
    'failed',
    'blocked',
    ...(limited ? ['limited'] : []),
    'retries',
    'p99 wait',
    'worst wait',
    'callers served',
  ];
  const row = (name: string, totals: Totals): string[] => [
    name,
    count(totals.calls),
    count(totals.served),
    count(totals.fallback),
    count(totals.failed),
    count(totals.blocked),
    ...(limited ? [count(totals.limited)] : []),
    count(totals.retries),
    time(totals.p99WaitMs),
    time(totals.worstWaitMs),
    percent(totals.servedPercent),
  ];
  return textTable([
    head,
    ...services.flatMap(({ name, totals, operations }) => [
      row(name, totals),
      ...operations.filter(({ id }) => id !== ANY_OPERATION).map((operation) => row(`  ${operation.id}`, operation.totals)),
    ]),
  ]);
}

function circuitsTable({ services, scenario }: SimulationResult): string {
  const head = ['', 'opened', 'false opens', 'time to open', 'time to recover', 'not closed'];
  const row = (circuit: CircuitResult): string[] => [
    circuit.name,
    count(circuit.opens),
    count(circuit.falseOpens),
    spread(circuit.timeToOpenMs),
    spread(circuit.timeToRecoverMs),
    `${time(circuit.notClosedMs)} (${percent((circuit.notClosedMs / scenario.durationMs) * 100)})`,
  ];
  return textTable([head, ...services.flatMap(({ circuits }) => circuits.map(row))]);
}

/** Returns the mean, and the worst value if there are several. */
export function spread(of: CircuitResult['timeToOpenMs']): string {
  if (of === null) return '–';
  return of.count === 1 ? time(of.mean) : `${time(of.mean)} (worst ${time(of.worst)})`;
}

/** Returns facts that the tables do not contain. */
function notes({ services }: SimulationResult): string {
  return services
    .flatMap(({ name, totals }) => {
      const errors = Object.entries(totals.errors).sort(([, a], [, b]) => b - a);
      const kinds = errors.map(([kind, number]) => `${count(number)} ${kind}`).join(', ');
      return [
        ...(errors.length === 0 ? [] : [`  errors of ${name}: ${kinds}\n`]),
        ...(totals.unfinished === 0 ? [] : [`  ${name}: ${count(totals.unfinished)} calls were still waiting an hour after the end\n`]),
      ];
    })
    .join('');
}
