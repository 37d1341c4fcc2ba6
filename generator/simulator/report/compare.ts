import type { ServiceResult, SimulationResult } from '../result/types.js';
import { textTable } from './table.js';
import type { TextOptions } from './text.js';
import { count, percent, time } from './words.js';

/** One number of two results. */
export interface ComparedMeasure {
  readonly key: string;
  readonly label: string;
  readonly unit: 'count' | 'ms' | 'percent';
  /** Null if the result has no such number: a circuit that never opened has no time to open. */
  readonly first: number | null;
  readonly second: number | null;
  /** The second number minus the first. Null if one of them is missing. */
  readonly difference: number | null;
  /** `neither` if both are equal. Null if a higher number is neither better nor worse, or a number is missing. */
  readonly better: 'first' | 'second' | 'neither' | null;
}

export interface ComparedService {
  readonly name: string;
  readonly measures: readonly ComparedMeasure[];
}

interface Measure extends Pick<ComparedMeasure, 'key' | 'label' | 'unit'> {
  readonly better: 'less' | 'more' | undefined;
  readonly of: (service: ServiceResult) => number | null;
}

const MEASURES: readonly Measure[] = [
  { key: 'servedPercent', label: 'callers served', unit: 'percent', better: 'more', of: ({ totals }) => totals.servedPercent },
  { key: 'served', label: 'answered by the service', unit: 'count', better: 'more', of: ({ totals }) => totals.served },
  { key: 'fallback', label: 'answered by a fallback', unit: 'count', better: undefined, of: ({ totals }) => totals.fallback },
  { key: 'failed', label: 'failed', unit: 'count', better: 'less', of: ({ totals }) => totals.failed },
  { key: 'blocked', label: 'blocked by the circuit', unit: 'count', better: undefined, of: ({ totals }) => totals.blocked },
  { key: 'limited', label: 'refused by a limit', unit: 'count', better: undefined, of: ({ totals }) => totals.limited },
  { key: 'attempts', label: 'requests sent', unit: 'count', better: undefined, of: ({ totals }) => totals.attempts },
  { key: 'unwell', label: 'failed requests', unit: 'count', better: 'less', of: ({ series }) => sum(series.unwell) },
  { key: 'retries', label: 'retries', unit: 'count', better: undefined, of: ({ totals }) => totals.retries },
  { key: 'p99WaitMs', label: 'p99 wait', unit: 'ms', better: 'less', of: ({ totals }) => totals.p99WaitMs },
  { key: 'worstWaitMs', label: 'worst wait', unit: 'ms', better: 'less', of: ({ totals }) => totals.worstWaitMs },
  { key: 'opens', label: 'times opened', unit: 'count', better: undefined, of: ({ circuits }) => sum(circuits.map(({ opens }) => opens)) },
  {
    key: 'falseOpens',
    label: 'false opens',
    unit: 'count',
    better: 'less',
    of: ({ circuits }) => sum(circuits.map((circuit) => circuit.falseOpens)),
  },
  { key: 'timeToOpenMs', label: 'time to open', unit: 'ms', better: 'less', of: (service) => meanOf(service, 'timeToOpenMs') },
  { key: 'timeToRecoverMs', label: 'time to recover', unit: 'ms', better: 'less', of: (service) => meanOf(service, 'timeToRecoverMs') },
];

/** Compares two results of one scenario, service by service. */
export function compare(first: SimulationResult, second: SimulationResult): readonly ComparedService[] {
  return first.services.map((service) => {
    const other = second.services.find(({ name }) => name === service.name) ?? service;
    const measures = MEASURES.map((measure) => compared(measure, measure.of(service), measure.of(other)));
    // Omits the row if no limit refused a call under either configuration.
    return { name: service.name, measures: measures.filter(({ key, first: a, second: b }) => key !== 'limited' || a !== 0 || b !== 0) };
  });
}

function compared({ key, label, unit, better: wanted }: Measure, first: number | null, second: number | null): ComparedMeasure {
  const base = { key, label, unit, first, second };
  if (first === null || second === null) return { ...base, difference: null, better: null };
  const difference = second - first;
  if (wanted === undefined) return { ...base, difference, better: null };
  // Numbers that are displayed equally count as equal.
  const same = shown({ unit }, first) === shown({ unit }, second);
  const better = same ? 'neither' : difference > 0 === (wanted === 'more') ? 'second' : 'first';
  return { ...base, difference, better };
}

/** Returns a value of a measure as text. */
export function shown({ unit }: Pick<ComparedMeasure, 'unit'>, value: number | null): string {
  if (value === null) return '–';
  if (unit === 'count') return count(value);
  return unit === 'ms' ? time(value) : percent(value);
}

/** Returns `+1,203`, `-2.3 s`, `=`. */
export function shownDifference({ unit, difference }: ComparedMeasure): string {
  if (difference === null) return '';
  const text = unit === 'percent' ? `${Number(Math.abs(difference).toFixed(2))} points` : shown({ unit }, Math.abs(difference));
  return Math.abs(difference) < 0.005 ? '=' : `${difference > 0 ? '+' : '-'}${text}`;
}

/** Returns the names of the two results: their file names, with as many folders as needed to tell them apart. */
export function namesOf(first: SimulationResult, second: SimulationResult): readonly [string, string] {
  const [a, b] = [first.breakers.split('/'), second.breakers.split('/')];
  for (let parts = 1; parts <= Math.max(a.length, b.length); parts++) {
    const names = [a.slice(-parts).join('/'), b.slice(-parts).join('/')] as const;
    if (names[0] !== names[1]) return names;
  }
  return ['first', 'second'];
}

/** Returns a sentence about the measures by which each is better. */
export function verdict({ name, measures }: ComparedService, names: readonly [string, string]): string {
  const [first, second] = (['first', 'second'] as const).map((which) => measures.filter(({ better }) => better === which));
  if (first === undefined || second === undefined || first.length + second.length === 0) return `${name}: no measure tells them apart.`;
  const part = (label: string, found: readonly ComparedMeasure[]): string =>
    `${label} is better by ${found.length === 0 ? 'none' : found.map((measure) => measure.label).join(', ')}`;
  return `${name}: ${part(names[1], second)}; ${part(names[0], first)}.`;
}

/** Returns two results side by side, as text. */
export function compareText(first: SimulationResult, second: SimulationResult, { paint }: TextOptions): string {
  const names = namesOf(first, second);
  const services = compare(first, second);
  const tables = services.map((service) => {
    const rows = service.measures.map((measure) => [
      measure.label,
      shown(measure, measure.first),
      shown(measure, measure.second),
      shownDifference(measure),
      measure.better === 'first' ? names[0] : measure.better === 'second' ? names[1] : '',
    ]);
    return `${textTable([[service.name, names[0], names[1], 'difference', 'better'], ...rows])}\n  ${verdict(service, names)}\n`;
  });
  return `${paint('bold', 'Compared')}\n${tables.join('\n')}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Returns the mean over all circuits of a service. Each trouble counts once. */
function meanOf({ circuits }: ServiceResult, key: 'timeToOpenMs' | 'timeToRecoverMs'): number | null {
  const spreads = circuits.flatMap((circuit) => circuit[key] ?? []);
  const total = sum(spreads.map((spread) => spread.count));
  return total === 0 ? null : sum(spreads.map((spread) => spread.mean * spread.count)) / total;
}
