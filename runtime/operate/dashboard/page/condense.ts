/** A shorter timeline: the probes of one outage are one line. */
import type { TimelineEntry } from '../wire.js';

/** One line: its entry and, for failed probes, their number so far. */
export interface Line {
  readonly entry: TimelineEntry;
  readonly failedProbes: number;
}

/** Condenses entries, the oldest first. A probe and its failure become one line, and consecutive failed probes of a circuit become one, too. */
export function condensed(timeline: readonly TimelineEntry[]): readonly Line[] {
  const lines: (Line | undefined)[] = [];
  /** The positions of the last two lines of each circuit. */
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

/** Whether an entry repeats the opening before it: the circuit was open, and stays open. */
export function isFailedProbe({ kind, reason }: TimelineEntry): boolean {
  return kind === 'open' && (reason === 'probe_failed' || reason === 'probe_expired');
}
