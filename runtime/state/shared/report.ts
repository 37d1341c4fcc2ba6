/** Raised if the meaning of reports changes. Reports of another version are ignored. */
const REPORT_VERSION = 1;

/** The longest report that is read, in characters. An instance writes much less. */
const MOST_CHARS = 65_536;
/** The characters that one exchange reads, of all reports together. */
const MOST_CHARS_TOGETHER = 4 * 1024 * 1024;
/** The most circuits in one report. A longer report would be ignored. */
const MOST_CIRCUITS = 200;
/** The longest name of a reported circuit, in characters of JSON. */
const LONGEST_NAME = 240;

/** The longest wait or outage that is believed: ten years. */
const LONGEST_MS = 315_360_000_000;

/** A circuit that an instance opened because of its own calls. Durations are as of the moment of writing. */
export interface OpenCircuit {
  readonly circuit: string;
  /** How long the circuit has not been closed, in milliseconds. Reopenings belong to the same outage. */
  readonly downMs: number;
  /** How much longer the circuit waits before it probes, in milliseconds. */
  readonly leftMs: number;
}

/** What one other instance reports about a circuit. */
export type Evidence = Pick<OpenCircuit, 'downMs' | 'leftMs'>;

/** The reports of the other instances. */
export interface Heard {
  /** The number of other instances that are alive. */
  readonly instances: number;
  /** The evidence by circuit, at most one entry per instance. */
  readonly open: ReadonlyMap<string, readonly Evidence[]>;
  /** The number of reports, and of circuits in reports, that cannot be used. */
  readonly ignored: number;
}

/** Writes the report of an instance. Circuits beyond `MOST_CIRCUITS` are left out. */
export function writeReport(circuits: readonly OpenCircuit[]): string {
  const open = circuits.filter(({ circuit }) => JSON.stringify(circuit).length <= LONGEST_NAME).slice(0, MOST_CIRCUITS);
  return JSON.stringify({ v: REPORT_VERSION, open });
}

/**
 * Reads the answer of a store and checks every field, because other programs can write to the store, too. Returns undefined if the answer is not a
 * list. A faulty entry does not affect the others. `instance` is this process, whose own report is no evidence. `tookMs` is the duration of the
 * exchange, by which every age grows.
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
    // An instance counts once, even if the store returns it twice.
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
 * Returns how long a circuit should wait because of other instances: as long as at least `quorum` of them keep it open. Returns undefined if they are
 * fewer. Evidence of an outage that began before the circuit recovered here does not count.
 */
export function waitByPeers(evidence: readonly Evidence[], quorum: number, recoveredMsAgo: number): number | undefined {
  const waits = evidence.filter(({ downMs, leftMs }) => leftMs > 0 && downMs < recoveredMsAgo).map(({ leftMs }) => leftMs);
  return waits.sort((a, b) => b - a)[quorum - 1];
}

/** Adds the circuits of one report. Returns the number of circuits that cannot be used. */
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

/** Returns the circuits of a report, unchecked; undefined if it is not a report of this version. */
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
