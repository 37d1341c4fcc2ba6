/** Something whose cost is compared. `run` makes that many calls and returns when all are done. */
export interface Variant {
  readonly name: string;
  run(calls: number): Promise<unknown>;
}

/** Cost of one call in one round. */
interface Sample {
  readonly cpuNs: number;
  readonly wallNs: number;
}

/** One line of a table. */
export interface Row {
  readonly name: string;
  /** Medians over the rounds, in nanoseconds per call. */
  readonly cpuNs: number;
  readonly wallNs: number;
  /** CPU against the first variant in the same round: median, and the middle half of the rounds. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

export interface Plan {
  /** Interleaved rounds: each runs every variant once, in a new order. */
  readonly rounds: number;
  /** CPU time that one variant takes in one round, in milliseconds. */
  readonly batchMs: number;
}

/**
 * Compares CPU per call. All variants take turns in one process, so that whatever else the machine does falls on all of them alike; a
 * ratio is taken within a round and the median over rounds is reported.
 */
export async function measure(variants: readonly Variant[], plan: Plan): Promise<Row[]> {
  const calls = new Map<Variant, number>();
  for (const variant of variants) calls.set(variant, await calibrate(variant, plan.batchMs));
  const samples = new Map<Variant, Sample[]>(variants.map((variant) => [variant, []]));
  for (let round = 0; round < plan.rounds; round++) {
    // Another order each time: what a variant leaves behind (garbage, timers, open sockets) falls on all the others alike.
    for (const variant of shuffled(variants)) samples.get(variant)?.push(await sample(variant, calls.get(variant) ?? 1));
  }
  const base = samples.get(variants[0] as Variant) ?? [];
  return variants.map((variant) => {
    const own = samples.get(variant) ?? [];
    const ratios = own.map((one, round) => one.cpuNs / (base[round]?.cpuNs ?? Number.NaN));
    return {
      name: variant.name,
      cpuNs: quantile(
        own.map((one) => one.cpuNs),
        0.5,
      ),
      wallNs: quantile(
        own.map((one) => one.wallNs),
        0.5,
      ),
      ratio: quantile(ratios, 0.5),
      low: quantile(ratios, 0.25),
      high: quantile(ratios, 0.75),
    };
  });
}

/** Warms up and returns how many calls fill a batch. */
export async function calibrate(variant: Pick<Variant, 'run'>, batchMs: number): Promise<number> {
  let calls = 200;
  let { cpuNs } = await sample(variant, calls);
  for (let warmed = 0; warmed < 3; warmed++) {
    calls = Math.max(100, Math.round((batchMs * 1e6) / Math.max(cpuNs, 1)));
    ({ cpuNs } = await sample(variant, calls));
  }
  return Math.max(100, Math.round((batchMs * 1e6) / Math.max(cpuNs, 1)));
}

export async function sample(variant: Pick<Variant, 'run'>, calls: number): Promise<Sample> {
  // What the variant before left behind is not this one's to collect, nor are cold caches and idle sockets its fault. Only the young
  // generation: a forced full collection shrinks it, and every variant would pay for its growth instead of its own work.
  (globalThis as { gc?: (options: object) => void }).gc?.({ type: 'minor' });
  await variant.run(Math.ceil(calls / 20));
  const wall = process.hrtime.bigint();
  const cpu = process.cpuUsage();
  await variant.run(calls);
  const { user, system } = process.cpuUsage(cpu);
  return { cpuNs: ((user + system) * 1_000) / calls, wallNs: Number(process.hrtime.bigint() - wall) / calls };
}

let seed = 1;

/** Fisher-Yates with a fixed seed, so that two runs of the bench differ in the machine alone. */
export function shuffled<T>(list: readonly T[]): T[] {
  const copy = [...list];
  for (let at = copy.length - 1; at > 0; at--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((seed / 2 ** 32) * (at + 1));
    [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
  }
  return copy;
}

/** The value below which the given part of the sorted list lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  return low + ((sorted[Math.ceil(at)] ?? low) - low) * (at % 1);
}
