import { type Parameters, stringify } from 'fast-check';

/** How a model test runs: as often as usual, or as the environment says. */
export interface ModelEnvironment {
  /** Runs of every property, in place of the usual few hundred. */
  readonly FUSELINE_MODEL_RUNS?: string | undefined;
  /** What a failure printed: repeats it. The path is optional. */
  readonly FUSELINE_MODEL_SEED?: string | undefined;
  readonly FUSELINE_MODEL_PATH?: string | undefined;
}

/** A failure's message ends in the way to repeat it. @throws {RangeError} where a variable is not what it should be. */
export function modelRuns<T>(usual: number, env: ModelEnvironment = process.env): Parameters<T> {
  const { FUSELINE_MODEL_RUNS: runs, FUSELINE_MODEL_SEED: seed, FUSELINE_MODEL_PATH: path } = env;
  return {
    numRuns: runs === undefined ? usual : whole('FUSELINE_MODEL_RUNS', runs),
    ...(seed === undefined ? {} : { seed: whole('FUSELINE_MODEL_SEED', seed) }),
    ...(path === undefined ? {} : { path }),
    // fast-check's own report names the seed and the path; this says what to do with them.
    reporter: (details) => {
      if (!details.failed) return;
      const again = `FUSELINE_MODEL_SEED=${details.seed} FUSELINE_MODEL_PATH=${details.counterexamplePath}`;
      const cause = details.errorInstance instanceof Error ? details.errorInstance : undefined;
      const found = details.counterexample === null ? 'nothing (too many were discarded)' : stringify(details.counterexample);
      throw new Error(`Failed after ${details.numRuns} runs, by ${found}: ${cause?.message}\nTo repeat it: ${again}`, { cause });
    },
  };
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isSafeInteger(value)) return value;
  throw new RangeError(`${name} is '${text}', expected a whole number`);
}
