/** Bins per doubling. Percentiles are accurate to 5 %. */
const PER_OCTAVE = 8;
/** The last bin starts at about 18 hours and contains all longer times. */
export const BINS = 26 * PER_OCTAVE + 1;

/** Returns the bin of a time in milliseconds. Bin 0 is below a millisecond. */
export function binOf(ms: number): number {
  if (ms < 1) return 0;
  return Math.min(BINS - 1, 1 + Math.floor(Math.log2(ms) * PER_OCTAVE));
}

/** Returns a time below which the share `part` of the counted times lies. Undefined if the bins are empty. */
export function percentile(bins: Uint32Array, part: number): number | undefined {
  let total = 0;
  for (const count of bins) total += count;
  if (total === 0) return undefined;
  const wanted = Math.max(1, Math.ceil(total * part));
  let seen = 0;
  let at = 0;
  while (at < bins.length && seen + (bins[at] ?? 0) < wanted) seen += bins[at++] ?? 0;
  return at === 0 ? 0 : 2 ** ((at - 0.5) / PER_OCTAVE);
}
