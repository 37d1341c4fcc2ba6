/** Names longer than this are compared by their beginning. */
const COMPARED = 100;
/** A beginning shorter than this could be that of anything. */
const SHORTEST_BEGINNING = 3;

/**
 * Returns the candidate that a misspelt name most likely meant, or undefined if no candidate is close.
 *
 * Distance counts inserted, dropped, replaced and swapped characters; case, `_`, `-` and spaces do not count, so that `failureThreshold` is
 * `failure_threshold`. A distance up to a third of the name's length is close; of equally close candidates the first is taken. If no candidate
 * is close, the only one that begins with the name is taken: `prod` is `production`.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  // An iterator gives its items once.
  const known = [...candidates];
  const best = closest(name, known, 3);
  const wanted = essence(name);
  if (best !== undefined || wanted.length < SHORTEST_BEGINNING) return best;
  const begun = known.filter((candidate) => essence(candidate).startsWith(wanted));
  return begun.length === 1 ? begun[0] : undefined;
}

/** Returns the candidate with the smallest distance from the name, if the distance is at most the name's length divided by `share`, or 1. */
export function closest(name: string, candidates: Iterable<string>, share: number): string | undefined {
  const wanted = essence(name);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / share)) + 1;
  for (const candidate of candidates) {
    const compared = essence(candidate);
    if (Math.abs(compared.length - wanted.length) >= bestDistance) continue;
    const found = distance(wanted, compared, bestDistance);
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

function essence(name: string): string {
  return name
    .slice(0, COMPARED)
    .toLowerCase()
    .replace(/[\s_-]/g, '');
}

/** Damerau-Levenshtein, neighbours swapped at most once (optimal string alignment). Gives up, with `limit`, once it cannot stay below it. */
function distance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    // A later row can be no better than the best of two neighbouring ones.
    if (Math.min(...row) >= limit && Math.min(...last) >= limit) return limit;
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
