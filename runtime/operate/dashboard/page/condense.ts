/** The timeline as people read it: the probes of one outage are one line. */
import type { TimelineEntry } from '../wire.js';

/** One line: the entry it is about, and how many probes have failed by then, where it is about those. */
export interface Line {
  readonly entry: TimelineEntry;
  readonly failedProbes: number;
}

/** Takes and gives the oldest first. A probe and its failure become one, and so do the failed probes of a circuit that follow each other. */
export function condensed(timeline: readonly TimelineEntry[]): readonly Line[] {
  const lines: (Line | undefined)[] = [];
  /** Where the last line of each circuit is, and the one before. */
  const last = new Map<string, readonly number[]>();
  for (const entry of timeline) {
    const [latest = -1, before = -1] = last.get(entry.circuit) ?? [];
    let failedProbes = 0;
    let follows = latest;
    if (isFailedProbe(entry)) {
      failedProbes = 1;
      if (lines[latest]?.entry.kind === 'half_open') {
        lines[latest] = undefined;
        follows = before;
      }
      const earlier = lines[follows];
      if (earlier !== undefined && earlier.failedProbes > 0) {
        failedProbes += earlier.failedProbes;
        lines[follows] = undefined;
        follows = -1;
      }
    }
    last.set(entry.circuit, [lines.push({ entry, failedProbes }) - 1, follows]);
  }
  return lines.filter((line) => line !== undefined);
}

/** Whether this says nothing that the opening before it did not: the circuit was open, and stays so. */
export function isFailedProbe({ kind, reason }: TimelineEntry): boolean {
  return kind === 'open' && (reason === 'probe_failed' || reason === 'probe_expired');
}
