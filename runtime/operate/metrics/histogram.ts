import { LabelSet } from './labels.js';
import type { Sink } from './samples.js';

/** Writes one histogram into a sink. `counts`: one per bucket and one for longer durations, not cumulative. Undefined if nothing was counted. */
export type HistogramWriter = (sink: Sink, labels: LabelSet, counts: Float64Array | undefined, sumSeconds: number) => void;

/** Returns a writer of histograms in seconds. The upper bounds of the buckets are milliseconds. */
export function histogram(boundsMs: readonly number[]): HistogramWriter {
  const bounds = [...boundsMs.map((ms) => `${ms / 1_000}`), '+Inf'].map((le) => new LabelSet({ le }));
  return (sink, labels, counts, sumSeconds) => {
    let seen = 0;
    for (const [at, le] of bounds.entries()) {
      seen += counts?.[at] ?? 0;
      sink.add(labels, seen, le, '_bucket');
    }
    sink.add(labels, sumSeconds, undefined, '_sum');
    sink.add(labels, seen, undefined, '_count');
  };
}
