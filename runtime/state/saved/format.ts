import { ConfigurationError } from '../../errors/configuration-error.js';
import type { OpenReason, StateKind } from '../../policies/circuit-breaker/state.js';

/** Raised if the meaning of saved circuits changes. Another version is refused. */
export const SAVED_VERSION = 1;

/**
 * One circuit as plain data for JSON. Times are durations before or after `savedAt`, in milliseconds, because monotonic readings mean nothing in
 * another process. It holds nothing of a request.
 */
export interface SavedCircuit {
  readonly version: typeof SAVED_VERSION;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly savedAt: number;
  readonly state: StateKind;
  /** How long the circuit had been in this state. */
  readonly ageMs: number;
  /** How long the circuit had not been closed. Absent if it was closed. */
  readonly downMs?: number;
  /** The consecutive failures of a closed, open or metrics-only circuit. */
  readonly failures?: number;
  /** The successful probes of a half-open circuit. */
  readonly successes?: number;
  /** For an open circuit: the whole wait, the rest of it, and why the circuit opened. */
  readonly waitMs?: number;
  readonly leftMs?: number;
  readonly reason?: OpenReason;
  /** The openings in a row, and how many of them followed a recent closing. Absent if there were none. */
  readonly openings?: number;
  readonly flaps?: number;
  /** For a closed circuit: the rest of its ramp. Absent if there was none. */
  readonly rampLeftMs?: number;
}

/** The circuits of a registry, without those in the state of a new circuit. */
export interface SavedCircuits {
  readonly version: typeof SAVED_VERSION;
  readonly circuits: readonly SavedCircuit[];
}

/** The longest wait or outage that is accepted: ten years. */
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

/** The required fields of each state. */
const NEEDED: { readonly [K in StateKind]?: readonly (keyof SavedCircuit)[] } = {
  closed: ['failures'],
  open: ['failures', 'waitMs', 'leftMs', 'reason'],
  half_open: ['successes'],
  metrics_only: ['failures'],
};

const COUNTS = ['failures', 'successes', 'openings', 'flaps'] as const;
const DURATIONS = ['ageMs', 'downMs', 'waitMs', 'leftMs', 'rampLeftMs'] as const;

/** Checks every field of one entry. @throws {ConfigurationError} with the field, its value and the values that it can have. */
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

/** Returns the entries, unchecked. @throws {ConfigurationError} if the data is not from `saveCircuits`, or of another version. */
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
  throw new ConfigurationError(place, data, 'the result of saveCircuits, or its JSON');
}

function isDuration(value: unknown, longest: number): boolean {
  return typeof value === 'number' && value >= 0 && value <= longest;
}
