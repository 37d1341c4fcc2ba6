/** Raised when what is shared changes its meaning; reports of another version are skipped. */
const REPORT_VERSION = 1;

/** Longest report that is read, in characters: many times what an instance writes. */
const MOST_CHARS = 65_536;
/** Characters that are read at one exchange, of all reports together. */
const MOST_CHARS_TOGETHER = 4 * 1024 * 1024;
/** Circuits that one instance reports at most: a longer report would be skipped. */
export const MOST_CIRCUITS = 200;
/** Longest name of a circuit that is reported, in characters of JSON. */
const LONGEST_NAME = 240;

/** No wait and no outage is longer than this: ten years. */
const LONGEST_MS = 315_360_000_000;

/** A circuit that an instance found failing by its own calls, and keeps open. As of the moment at which this is written, or read. */
export interface OpenCircuit {
  readonly circuit: string;
  /** How long it has not been closed, in milliseconds: reopenings belong to the same outage. */
  readonly downMs: number;
  /** How much longer it waits before it probes, in milliseconds. */
  readonly leftMs: number;
}

/** What one other instance knows of a circuit. */
export type Evidence = Pick<OpenCircuit, 'downMs' | 'leftMs'>;

/** What the others have to say. */
export interface Heard {
  /** Other instances that are alive. */
  readonly instances: number;
  /** At most one entry per circuit and instance. */
  readonly open: ReadonlyMap<string, readonly Evidence[]>;
  /** Reports, and circuits in reports, that cannot be used. */
  readonly ignored: number;
}

/** The report of an instance: the first circuits of them that there is room for. */
export function writeReport(circuits: readonly OpenCircuit[]): string {
  const open = circuits.filter(({ circuit }) => JSON.stringify(circuit).length <= LONGEST_NAME).slice(0, MOST_CIRCUITS);
  return JSON.stringify({ v: REPORT_VERSION, open });
}

/**
 * What a store returned, made sure of: anybody may have written there. Undefined where it is no list; what is wrong with an entry concerns that
 * entry alone. `instance`: one's own, which proves nothing. `tookMs`: how much older everything has become on its way.
 */
export function readReports(answer: unknown, instance: string, tookMs: number): Heard | undefined {
  if (!Array.isArray(answer)) return undefined;
  const instances = new Set<string>();
  const open = new Map<string, Evidence[]>();
  let ignored = 0;
  let chars = 0;
  for (const entry of answer as readonly unknown[]) {
    const { instance: from, report, ageMs } = fieldsOf(entry);
    const usable = typeof from === 'string' && from !== instance && typeof report === 'string' && isDuration(ageMs);
    // One instance is one witness, however often the store names it.
    if (!usable || instances.has(from) || report.length > MOST_CHARS || chars + report.length > MOST_CHARS_TOGETHER) {
      ignored++;
      continue;
    }
    chars += report.length;
    const circuits = circuitsOf(report);
    if (circuits === undefined) {
      ignored++;
      continue;
    }
    instances.add(from);
    ignored += collect(circuits, ageMs + tookMs, open);
  }
  return { instances: instances.size, open, ignored };
}

/**
 * How long a circuit should wait because of what others know; undefined where too few of them are a reason. At least `quorum` others keep it open
 * for as long as that. An outage that began before the circuit recovered here is over for it, whatever others still wait for.
 */
export function waitByPeers(evidence: readonly Evidence[], quorum: number, recoveredMsAgo: number): number | undefined {
  const waits = evidence.filter(({ downMs, leftMs }) => leftMs > 0 && downMs < recoveredMsAgo).map(({ leftMs }) => leftMs);
  return waits.sort((a, b) => b - a)[quorum - 1];
}

/** Adds the circuits of one report; the number of those that cannot be used. */
function collect(circuits: readonly unknown[], ageMs: number, into: Map<string, Evidence[]>): number {
  const seen = new Set<string>();
  for (const entry of circuits.slice(0, MOST_CIRCUITS)) {
    const { circuit, downMs, leftMs } = fieldsOf(entry);
    if (typeof circuit !== 'string' || circuit === '' || seen.has(circuit) || !isDuration(downMs) || !isDuration(leftMs)) continue;
    seen.add(circuit);
    const known = into.get(circuit);
    const evidence = { downMs: downMs + ageMs, leftMs: leftMs - ageMs };
    if (known === undefined) into.set(circuit, [evidence]);
    else known.push(evidence);
  }
  return circuits.length - seen.size;
}

/** The entries of a report, unchecked; undefined where it is none of this version. */
function circuitsOf(report: string): readonly unknown[] | undefined {
  try {
    const { v, open } = fieldsOf(JSON.parse(report));
    return v === REPORT_VERSION && Array.isArray(open) ? (open as readonly unknown[]) : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_MS;
}
