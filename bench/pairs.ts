import { calibrate, type Plan, quantile, sample, shuffled, type Variant } from './measure.js';

/** Makes that many calls and returns when all are done. */
export type Calls = Variant['run'];

/** Two things whose costs differ little: `own` is `base` with something added, or another way to do the same. */
export interface Pair {
  readonly name: string;
  readonly base: Calls;
  readonly own: Calls;
}

/** The median over the rounds, and the middle half of the rounds. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** One line of a table: CPU per call. */
export interface PairRow {
  readonly name: string;
  /** Medians, in nanoseconds. */
  readonly baseNs: number;
  readonly ownNs: number;
  /** `own` less `base`, in nanoseconds, both of the same round. */
  readonly added: Spread;
  /** `own` divided by `base`, both of the same round. */
  readonly ratio: Spread;
}

/** Rounds in which the optimising compiler still learns what all pairs together do. */
const WARMUP_ROUNDS = 2;

/**
 * Compares the two of each pair. They take turns within a round, and the next round begins with the other one, so that each follows the other
 * equally often and neither finds warmer caches. The median of their differences is far more exact than the difference of two medians.
 */
export async function measurePairs(pairs: readonly Pair[], { rounds, batchMs }: Plan): Promise<PairRow[]> {
  const calls = new Map<Pair, number>();
  for (const pair of pairs) {
    const counts = [await calibrate({ run: pair.base }, batchMs), await calibrate({ run: pair.own }, batchMs)];
    calls.set(pair, Math.min(...counts));
  }
  const samples = new Map<Pair, { readonly base: number; readonly own: number }[]>(pairs.map((pair) => [pair, []]));
  for (let round = -WARMUP_ROUNDS; round < rounds; round++) {
    for (const pair of shuffled(pairs)) {
      const cost = { base: 0, own: 0 };
      const order = round % 2 === 0 ? (['base', 'own', 'base', 'own'] as const) : (['own', 'base', 'own', 'base'] as const);
      for (const side of order) cost[side] += (await sample({ run: pair[side] }, calls.get(pair) ?? 1)).cpuNs / 2;
      if (round >= 0) samples.get(pair)?.push(cost);
    }
  }
  return pairs.map((pair) => {
    const all = samples.get(pair) ?? [];
    return {
      name: pair.name,
      baseNs: spread(all.map(({ base }) => base)).median,
      ownNs: spread(all.map(({ own }) => own)).median,
      added: spread(all.map(({ base, own }) => own - base)),
      ratio: spread(all.map(({ base, own }) => own / base)),
    };
  });
}

function spread(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** Calls one after another. */
export function inTurn(call: (at: number) => Promise<unknown>): Calls {
  return async (calls) => {
    for (let at = 0; at < calls; at++) await call(at);
  };
}
