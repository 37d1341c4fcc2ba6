import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OpenReason, StateKind } from '../../policies/circuit-breaker/state.js';

/** Raised when what is saved changes its meaning; another version is refused. */
export const SAVED_VERSION = 1;

/**
 * One circuit as plain data for JSON. Times are how long ago or how much longer, in milliseconds, as of `savedAt`: monotonic readings mean
 * nothing in another process. Nothing of a request is in it.
 */
export interface SavedCircuit {
  readonly version: typeof SAVED_VERSION;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
  readonly state: StateKind;
  /** How long it had been in this state. */
  readonly ageMs: number;
  /** How long it had not been closed. Left out where it was. */
  readonly downMs?: number;
  /** Of a closed, open or metrics-only circuit. */
  readonly failures?: number;
  /** Of a half-open circuit. */
  readonly successes?: number;
  /** Of an open circuit: the whole wait, how much of it was left, and what opened it. */
  readonly waitMs?: number;
  readonly leftMs?: number;
  readonly reason?: OpenReason;
  /** Openings in a row, and of these, of a circuit that had just closed. Left out where there were none. */
  readonly openings?: number;
  readonly flaps?: number;
  /** Of a closed circuit: how much of its ramp was left. Left out where there was none. */
  readonly rampLeftMs?: number;
}

/** The circuits of a registry. Those are left out that are as new. */
export interface SavedCircuits {
  readonly version: typeof SAVED_VERSION;
  readonly circuits: readonly SavedCircuit[];
}

/** No wait and no outage is longer than this: ten years. What says so is no circuit. */
const LONGEST_MS = 315_360_000_000;

const STATES: readonly string[] = [
  'closed',
  'open',
  'half_open',
  'forced_open',
  'forced_closed',
  'metrics_only',
] satisfies readonly StateKind[];

const REASONS: readonly string[] = [
  'consecutive_failures',
  'failures_in_window',
  'failure_rate',
  'slow_call_rate',
  'failure_or_slow_rate',
  'probe_failed',
  'probe_expired',
  'peers',
] satisfies readonly OpenReason[];

/** Fields that a state cannot do without. */
const NEEDED: { readonly [K in StateKind]?: readonly (keyof SavedCircuit)[] } = {
  closed: ['failures'],
  open: ['failures', 'waitMs', 'leftMs', 'reason'],
  half_open: ['successes'],
  metrics_only: ['failures'],
};

const COUNTS = ['failures', 'successes', 'openings', 'flaps'] as const;
const DURATIONS = ['ageMs', 'downMs', 'waitMs', 'leftMs', 'rampLeftMs'] as const;

/** Checks one entry, every field of it. @throws {ConfigurationError} naming the field, what it is and what it may be. */
export function checkedCircuit(data: unknown, place: string): SavedCircuit {
  const saved = mapping(data, place);
  version(saved, place);
  const field = (key: string, valid: (value: unknown) => boolean, expected: string): void => {
    if (!valid(saved[key])) throw new ConfigurationError(`${place}.${key}`, saved[key], expected);
  };
  field('name', (name) => typeof name === 'string' && name !== '', 'the name of a circuit');
  field('state', (state) => STATES.includes(state as string), `one of ${STATES.join(', ')}`);
  field('savedAt', (at) => isDuration(at, Number.MAX_SAFE_INTEGER), 'milliseconds since the epoch');
  const needed = NEEDED[saved['state'] as StateKind] ?? [];
  const required = (key: keyof SavedCircuit): boolean => key === 'ageMs' || needed.includes(key);
  for (const key of COUNTS)
    field(
      key,
      (value) => (value === undefined && !required(key)) || (Number.isSafeInteger(value) && Number(value) >= 0),
      'a whole number, 0 or more',
    );
  for (const key of DURATIONS)
    field(key, (value) => (value === undefined && !required(key)) || isDuration(value, LONGEST_MS), 'milliseconds from 0 to ten years');
  field(
    'reason',
    (reason) => (reason === undefined && !required('reason')) || REASONS.includes(reason as string),
    `one of ${REASONS.join(', ')}`,
  );
  return saved as unknown as SavedCircuit;
}

/** The entries, unchecked. @throws {ConfigurationError} where it is nothing that `saveCircuits` gave, or of another version. */
export function entriesOf(data: unknown): readonly unknown[] {
  const saved = mapping(data, 'saved');
  version(saved, 'saved');
  if (!Array.isArray(saved['circuits'])) throw new ConfigurationError('saved.circuits', saved['circuits'], 'a list');
  return saved['circuits'];
}

function version(saved: Readonly<Record<string, unknown>>, place: string): void {
  if (saved['version'] !== SAVED_VERSION)
    throw new ConfigurationError(`${place}.version`, saved['version'], `${SAVED_VERSION}, the version that this release writes`);
}

function mapping(data: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Readonly<Record<string, unknown>>;
  throw new ConfigurationError(place, data, 'what saveCircuits gave, or its JSON');
}

function isDuration(value: unknown, longest: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= longest;
}
