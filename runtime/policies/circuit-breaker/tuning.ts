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
  /** The tuned options. If the circuit has others by now, it was reconfigured in the meantime. */
  readonly to: BreakerOptions;
}

/** The tuning of a circuit, if it has one at the moment. */
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
 * Returns the options that a circuit was configured with, however it was tuned since. The registry finds circuits by these: a client that is
 * made later with the same configuration must share the circuit.
 */
export function configuredOptions(circuit: Pick<Tunable, 'options' | 'peek'>): BreakerOptions {
  const tuning = circuit.peek(TUNING)?.now;
  return tuning === undefined ? circuit.options : configuredThen(circuit.options, tuning);
}

/** Tunes a circuit: as `reconfigure`, but the configured options are remembered. @throws {ConfigurationError} if an option is out of range. */
export function tune(circuit: Tunable, given: BreakerInput): void {
  const from = configuredOptions(circuit);
  circuit.reconfigure(given);
  setTuning(circuit, { from, to: circuit.options });
}

/** Gives a tuned circuit its configured options back. */
export function endTuning(circuit: Tunable): void {
  if (isTuned(circuit)) replaceOptions(circuit, configuredOptions(circuit));
}

/**
 * Configures a circuit anew, whole. A tuning stays if the configured options are the same as before: a configuration file that changed elsewhere
 * undoes no tuning.
 *
 * @throws {ConfigurationError} if an option is out of range.
 */
export function configure(circuit: Tunable, given: BreakerInput): void {
  if (isTuned(circuit) && sameOptions(configuredOptions(circuit), breakerOptions(given))) return;
  replaceOptions(circuit, given);
}

/** Returns the configured options of a tuned circuit: options that differ from the tuned ones were configured in the meantime. */
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
  circuit.slot(TUNING, () => ({ now: undefined })).now = tuning;
}

function replaceOptions(circuit: Tunable, { slidingWindow = false, reopenBackoff = false, ramp = false, ...rest }: BreakerInput): void {
  circuit.reconfigure({ ...rest, slidingWindow, reopenBackoff, ramp });
  setTuning(circuit, undefined);
}
