import type { CircuitBreaker } from './breaker.js';
import { configuredBy, configuredOptions } from './configured.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';
import { sameOptions } from './signature.js';

interface Tuning {
  /** What was configured. */
  readonly from: BreakerOptions;
  /** What the tuning made of it: where the circuit has other options by now, someone configured it meanwhile. */
  readonly to: BreakerOptions;
}

const tuned = new WeakSet<CircuitBreaker>();

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

/** Where someone reconfigured a tuned circuit, that one meant what differs, and nothing else. */
function configuredThen(circuit: CircuitBreaker, { from, to }: Tuning): BreakerOptions {
  // Stryker disable next-line ConditionalExpression: a short cut; key by key they are the same.
  if (circuit.options === to) return from;
  const merged = KEYS.map((key) => {
    const same = JSON.stringify(circuit.options[key]) === JSON.stringify(to[key]);
    return [key, (same ? from : circuit.options)[key]] as const;
  });
  return Object.fromEntries(merged) as unknown as BreakerOptions;
}

/** Tunes a circuit: as `reconfigure`, but what was configured is remembered. @throws {ConfigurationError} where an option is out of range. */
export function tune(circuit: CircuitBreaker, given: BreakerInput): void {
  const from = configuredOptions(circuit);
  circuit.reconfigure(given);
  const tuning = { from, to: circuit.options };
  tuned.add(circuit);
  configuredBy(circuit, () => configuredThen(circuit, tuning));
}

/** Puts a circuit back to what was configured. */
export function endTuning(circuit: CircuitBreaker): void {
  if (tuned.has(circuit)) replaceOptions(circuit, configuredOptions(circuit));
}

/**
 * Configures a circuit anew, whole. A tuning goes on where that is what was configured before: a file that changed elsewhere undoes nothing.
 *
 * @throws {ConfigurationError} where an option is out of range.
 */
export function configure(circuit: CircuitBreaker, given: BreakerInput): void {
  if (tuned.has(circuit) && sameOptions(configuredOptions(circuit), breakerOptions(given))) return;
  replaceOptions(circuit, given);
}

function replaceOptions(
  circuit: CircuitBreaker,
  { slidingWindow = false, reopenBackoff = false, ramp = false, ...rest }: BreakerInput,
): void {
  circuit.reconfigure({ ...rest, slidingWindow, reopenBackoff, ramp });
  tuned.delete(circuit);
  configuredBy(circuit, undefined);
}
