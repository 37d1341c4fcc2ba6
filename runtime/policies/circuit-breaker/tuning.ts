import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';
import { sameOptions } from './signature.js';
import { SlotKey, type Slotted } from './slots.js';

/** A circuit whose options can be replaced. */
export interface Tunable extends Slotted {
  readonly options: BreakerOptions;
  reconfigure(given: BreakerInput): void;
}

interface Tuning {
  /** The configured options. */
  readonly from: BreakerOptions;
  /** The tuned options. If the circuit's options differ from these, it was reconfigured in the meantime. */
  readonly to: BreakerOptions;
}

/** The current tuning of a circuit, if it has one. */
// Stryker disable next-line StringLiteral: the name is for debugging only.
const TUNING = new SlotKey<{ now: Tuning | undefined }>('tuning');

const KEYS: readonly (keyof BreakerOptions)[] = [
  'enabled',
  'failureThreshold',
  'successThreshold',
  'recoveryTimeoutMs',
  'halfOpenMaxCalls',
  'slidingWindow',
  'reopenBackoff',
  'ramp',
];

/**
 * Returns the configured options of a circuit, without its tuning. The registry finds circuits by these options: a client created later with the same
 * configuration must share the circuit.
 */
export function configuredOptions(circuit: Pick<Tunable, 'options' | 'peek'>): BreakerOptions {
  const tuning = circuit.peek(TUNING)?.now;
  return tuning === undefined ? circuit.options : configuredThen(circuit.options, tuning);
}

/** Tunes a circuit. Like `reconfigure`, but remembers the configured options. @throws {ConfigurationError} if an option is out of range. */
export function tune(circuit: Tunable, given: BreakerInput): void {
  const from = configuredOptions(circuit);
  circuit.reconfigure(given);
  setTuning(circuit, { from, to: circuit.options });
}

/** Restores the configured options of a tuned circuit. */
export function endTuning(circuit: Tunable): void {
  if (isTuned(circuit)) replaceOptions(circuit, configuredOptions(circuit));
}

/**
 * Replaces all configured options of a circuit. If they are the same as before, a tuning is kept, so that a reload that changes other settings does
 * not undo it.
 *
 * @throws {ConfigurationError} if an option is out of range.
 */
export function configure(circuit: Tunable, given: BreakerInput): void {
  if (isTuned(circuit) && sameOptions(configuredOptions(circuit), breakerOptions(given))) return;
  replaceOptions(circuit, given);
}

/** Returns the configured options of a tuned circuit. Options that differ from the tuned ones were configured in the meantime. */
function configuredThen(options: BreakerOptions, { from, to }: Tuning): BreakerOptions {
  // Stryker disable next-line ConditionalExpression: a short cut; key by key they are the same.
  if (options === to) return from;
  const changed = KEYS.filter((key) => JSON.stringify(options[key]) !== JSON.stringify(to[key]));
  return { ...from, ...Object.fromEntries(changed.map((key) => [key, options[key]])) };
}

function isTuned(circuit: Tunable): boolean {
  return circuit.peek(TUNING)?.now !== undefined;
}

function setTuning(circuit: Tunable, tuning: Tuning | undefined): void {
  // Stryker disable next-line ObjectLiteral: `now` is set in the same line.
  circuit.slot(TUNING, () => ({ now: undefined })).now = tuning;
}

function replaceOptions(circuit: Tunable, { slidingWindow = false, reopenBackoff = false, ramp = false, ...rest }: BreakerInput): void {
  circuit.reconfigure({ ...rest, slidingWindow, reopenBackoff, ramp });
  setTuning(circuit, undefined);
}
