import { ConfigurationError } from '../../../errors/configuration-error.js';
import { countOption, durationOption, objectOption, shareOption } from '../ranges.js';
import type { BreakerState, History } from '../state.js';

/** The options of a reopen backoff, with which a circuit that opens repeatedly waits longer each time. */
export interface ReopenBackoff {
  /** Factor by which the wait grows with each opening in a row, 1 to 100. Default 2. */
  readonly multiplier: number;
  /** Longest wait, jitter included, in milliseconds. If it is less than `recoveryTimeoutMs`, `recoveryTimeoutMs` applies. Default 300,000. */
  readonly maxMs: number;
  /** Largest random addition, as a share of the wait, 0 to 1. It keeps processes from probing at the same time. Default 0.2. */
  readonly jitter: number;
  /** Once the circuit has stayed closed for this long, the next opening is the first of a new row. In milliseconds. Default 60,000. */
  readonly resetAfterMs: number;
  /**
   * Successful probes that close a flapping circuit. A circuit flaps if it closed and opened again within `resetAfterMs`. If null, `successThreshold`
   * applies. Default null.
   */
  readonly flappingSuccessThreshold: number | null;
}

/** The options of a reopen backoff, all optional. */
export type ReopenBackoffOptions = { readonly [K in keyof ReopenBackoff]?: ReopenBackoff[K] | undefined };

export const REOPEN_DEFAULTS: ReopenBackoff = {
  multiplier: 2,
  maxMs: 300_000,
  jitter: 0.2,
  resetAfterMs: 60_000,
  flappingSuccessThreshold: null,
};

const NAMES: ReadonlySet<string> = new Set(Object.keys(REOPEN_DEFAULTS));

const PLACE = 'breaker.reopenBackoff';

/** Fills in defaults. @throws {ConfigurationError} naming the option, the value and the range. */
export function reopenOptions(given: ReopenBackoffOptions): ReopenBackoff {
  const {
    multiplier = REOPEN_DEFAULTS.multiplier,
    maxMs = REOPEN_DEFAULTS.maxMs,
    jitter = REOPEN_DEFAULTS.jitter,
    resetAfterMs = REOPEN_DEFAULTS.resetAfterMs,
    flappingSuccessThreshold = REOPEN_DEFAULTS.flappingSuccessThreshold,
  } = objectOption(PLACE, given, NAMES);
  if (!(Number.isFinite(multiplier) && multiplier >= 1 && multiplier <= 100))
    throw new ConfigurationError(`${PLACE}.multiplier`, multiplier, 'a number from 1 to 100');
  durationOption(`${PLACE}.maxMs`, maxMs, 0);
  shareOption(`${PLACE}.jitter`, jitter);
  durationOption(`${PLACE}.resetAfterMs`, resetAfterMs, 0);
  if (flappingSuccessThreshold !== null) countOption(`${PLACE}.flappingSuccessThreshold`, flappingSuccessThreshold, 1);
  return { multiplier, maxMs, jitter, resetAfterMs, flappingSuccessThreshold };
}

/** The history of a circuit that has been stable or has no backoff. */
export const STABLE: History = { openings: 0, flaps: 0 };

/** Returns the history after `from` opens at `at`. */
export function historyAfterOpening(from: BreakerState, at: number, backoff: ReopenBackoff | undefined): History {
  if (backoff === undefined || !('history' in from)) return STABLE;
  const { openings, flaps } = from.history;
  if (from.kind !== 'closed') return { openings: openings + 1, flaps };
  // The circuit has not opened before, or has stayed closed long enough since.
  if (openings === 0 || at - from.since >= backoff.resetAfterMs) return { openings: 1, flaps: 0 };
  return { openings: openings + 1, flaps: flaps + 1 };
}

/**
 * Returns the wait of opening number `openings` in a row, in milliseconds. `draw`, 0 to 1, is its share of the jitter. The wait is at least `baseMs`,
 * and at most the greater of `maxMs` and `baseMs`. At that limit, the jitter is subtracted instead of added: otherwise all processes would probe
 * together.
 */
export function reopenWaitMs(backoff: ReopenBackoff, baseMs: number, openings: number, draw: number): number {
  const cap = Math.max(baseMs, backoff.maxMs);
  // The power grows to Infinity, and 0 times Infinity would be NaN.
  const grown = baseMs * Math.min(backoff.multiplier ** (openings - 1), 1e15);
  const high = Math.min(cap, grown * (1 + backoff.jitter));
  const low = Math.max(baseMs, Math.min(grown, cap / (1 + backoff.jitter)));
  return low + draw * (high - low);
}

/**
 * Returns a number from 0 to 1 that is fixed for one period of one circuit. Because it is fixed, reading the state in advance shows the wait that
 * will apply. Uses the mixing steps of MurmurHash3.
 */
export function drawOf(seed: number, epoch: number): number {
  let bits = Math.imul((seed ^ epoch) >>> 0, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
