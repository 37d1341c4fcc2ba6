import { adaptiveFindings } from './adaptive-checks.js';
import type { BreakersConfig } from './breakers-config.js';
import type { Setter, Target } from './targets.js';
import { targetsOf } from './targets.js';
import type { PolicyValues, ServicePolicies } from './types.js';
import type { PlacedFinding } from './validate.js';
import { duration, fallbackFindings, retryIsOff } from './value-checks.js';
import { windowFindings } from './window-checks.js';

/** A recovery timeout above this is probably a mistake: one day, in milliseconds. */
const LONG_RECOVERY_MS = 86_400_000;

type Check = (target: Target, config: BreakersConfig) => readonly PlacedFinding[];

const CHECKS: readonly Check[] = [
  attemptWithinTotal,
  retriesWithinTotal,
  delays,
  probeWait,
  statuses,
  recovery,
  retryIsOff,
  fallbackFindings,
  windowFindings,
  adaptiveFindings,
];

/**
 * Finds values that are valid alone but contradict each other once the layers are merged, which a schema cannot detect. Checks every service,
 * resource and operation that the file names, without an environment and in each environment. A finding is placed at the overriding one of the two
 * values, and is reported once even if many operations inherit it. `known` are services that use the defaults without being named. `generated` is
 * given if the file overrides the settings with which clients were generated.
 *
 * Success thresholds need no check: every value that the schema allows (up to 1,000) can be reached, because `half_open_max_calls` limits concurrent
 * probes, not their total, and the schema requires at least one.
 */
export function checkValues(
  config: BreakersConfig,
  known: Iterable<string> = [],
  generated?: (service: string) => ServicePolicies | undefined,
): readonly PlacedFinding[] {
  const found = new Map<string, PlacedFinding>();
  for (const name of new Set([...config.services.keys(), ...known])) {
    const service = config.service(name);
    for (const target of targetsOf(config, service, generated)) {
      for (const check of CHECKS) {
        for (const finding of check(target, config)) {
          const key = JSON.stringify([finding.code, finding.path]);
          if (!found.has(key)) found.set(key, finding);
        }
      }
    }
  }
  return [...found.values()];
}

/** Returns the setting with the higher precedence. A finding is placed there, because it is probably the more recent one. */
function stronger(a: Setter | undefined, b: Setter | undefined): Setter | undefined {
  return (b?.strength ?? -1) > (a?.strength ?? -1) ? b : a;
}

/** Returns where a value is set: `(line 12)`, or `(built-in default)` if the file does not set it. */
function whence(config: BreakersConfig, setter: Setter | undefined): string {
  if (setter === undefined) return '';
  const line = setter.path && config.source.locate(setter.path)?.line;
  return line === undefined ? ` (${setter.origin})` : ` (line ${line})`;
}

function at(setter: Setter | undefined, finding: Omit<PlacedFinding, 'path' | 'anchor'>): readonly PlacedFinding[] {
  return setter?.path === undefined ? [] : [{ ...finding, path: setter.path.map(String), anchor: 'key' }];
}

function attemptWithinTotal({ title, values, setter, isLayer }: Target, config: BreakersConfig): readonly PlacedFinding[] {
  const { timeoutMs, totalTimeoutMs } = values;
  if (timeoutMs === null || totalTimeoutMs === null || !(timeoutMs > totalTimeoutMs)) return [];
  const [attempt, total] = [setter('timeoutMs'), setter('totalTimeoutMs')];
  // A limit in the file overrides a generated one, so these two cannot contradict each other.
  if (isLayer && (attempt?.path === undefined || total?.path === undefined)) return [];
  const place = stronger(attempt, total);
  return at(place, {
    code: 'attempt-exceeds-total',
    message: `the attempt timeout of ${title} is ${duration(timeoutMs)}${place === attempt ? '' : whence(config, attempt)}, longer than its total deadline of ${duration(totalTimeoutMs)}${place === total ? '' : whence(config, total)}, expected at most as long`,
    hint:
      place === attempt
        ? `Set \`timeout_seconds\` to ${totalTimeoutMs / 1_000} or less, or raise \`total_timeout_seconds\`.`
        : `Set \`total_timeout_seconds\` to ${timeoutMs / 1_000} or more, or lower \`timeout_seconds\` beside it.`,
  });
}

/** Reported only if the file sets both values: the deadline is intended to cut off the default three attempts. */
function retriesWithinTotal({ title, values, setter }: Target): readonly PlacedFinding[] {
  const { timeoutMs, totalTimeoutMs, retryEnabled, maxAttempts } = values;
  if (!retryEnabled || timeoutMs === null || totalTimeoutMs === null) return [];
  const total = setter('totalTimeoutMs');
  const attempts = setter('maxAttempts');
  const timing = (['maxAttempts', 'baseDelayMs', 'maxDelayMs', 'timeoutMs'] as const).map(setter).filter((set) => set?.path !== undefined);
  if (total?.path === undefined || attempts?.path === undefined || attempts.origin.startsWith('preset')) return [];
  const waits = longestWaits(values);
  const worst = maxAttempts * timeoutMs + waits;
  // If a single attempt is already too long, that is reported as an error.
  if (!(worst > totalTimeoutMs) || timeoutMs > totalTimeoutMs) return [];
  return at([attempts, ...timing, total].reduce(stronger), {
    severity: 'warning',
    code: 'retries-exceed-total',
    message: `${maxAttempts} attempts of ${duration(timeoutMs)} and waits of up to ${duration(waits)} can take ${duration(worst)}, but the total deadline of ${title} is ${duration(totalTimeoutMs)}`,
    hint: 'The deadline cuts the last attempts short. Fewer attempts, a shorter attempt timeout or a longer deadline make every attempt count.',
  });
}

/** Returns the sum of the longest possible waits between all attempts, in milliseconds. */
function longestWaits({ maxAttempts, baseDelayMs, maxDelayMs, exponentialBase }: PolicyValues): number {
  let sum = 0;
  for (let retry = 0; retry < maxAttempts - 1; retry += 1) sum += Math.min(baseDelayMs * exponentialBase ** retry, maxDelayMs);
  return sum;
}

function delays({ title, values, setter }: Target, config: BreakersConfig): readonly PlacedFinding[] {
  const { baseDelayMs, maxDelayMs } = values;
  if (!(baseDelayMs > maxDelayMs)) return [];
  const [base, max] = [setter('baseDelayMs'), setter('maxDelayMs')];
  const place = stronger(base, max);
  return at(place, {
    code: 'base-exceeds-max-delay',
    message: `the first wait of ${title} is ${duration(baseDelayMs)}${place === base ? '' : whence(config, base)}, longer than the longest one of ${duration(maxDelayMs)}${place === max ? '' : whence(config, max)}, expected \`base_delay_seconds\` up to \`max_delay_seconds\``,
    hint:
      place === base
        ? `Set \`max_delay_seconds\` to ${baseDelayMs / 1_000} or more as well.`
        : `Set \`base_delay_seconds\` to ${maxDelayMs / 1_000} or less as well.`,
  });
}

/** A circuit that opens waits for `recoveryTimeoutMs` at least, so a call that may wait less hardly ever sees the probe. */
function probeWait({ title, values, setter }: Target, config: BreakersConfig): readonly PlacedFinding[] {
  const { enabled, retryEnabled, maxAttempts, waitForProbe, maxDelayMs, recoveryTimeoutMs } = values;
  if (!waitForProbe || !enabled || !retryEnabled || maxAttempts === 1 || !(maxDelayMs < recoveryTimeoutMs)) return [];
  const [wait, max, recovers] = [setter('waitForProbe'), setter('maxDelayMs'), setter('recoveryTimeoutMs')];
  const place = stronger(stronger(wait, max), recovers);
  return at(place, {
    severity: 'warning',
    code: 'probe-after-max-delay',
    message: `\`wait_for_probe\` of ${title} has no effect: a retry waits ${duration(maxDelayMs)} at most${place === max ? '' : whence(config, max)}, and an open circuit lets its first probe through after ${duration(recoveryTimeoutMs)}${place === recovers ? '' : whence(config, recovers)}`,
    hint: `Set \`max_delay_seconds\` of \`retry\` to ${recoveryTimeoutMs / 1_000} or more, or lower \`recovery_timeout_seconds\`.`,
  });
}

function statuses({ title, values, setter }: Target, config: BreakersConfig): readonly PlacedFinding[] {
  const both = values.failureStatuses.filter((status) => values.ignoredStatuses.includes(status));
  if (both.length === 0) return [];
  const [failure, ignored] = [setter('failureStatuses'), setter('ignoredStatuses')];
  const place = stronger(failure, ignored);
  const rest = values.failureStatuses.filter((status) => !both.includes(status));
  return at(place, {
    code: 'status-failed-and-ignored',
    message: `status ${both.join(', ')} of ${title} ${both.length === 1 ? 'is' : 'are'} in \`failure_statuses\`${place === failure ? '' : whence(config, failure)} and in \`ignored_statuses\`${place === ignored ? '' : whence(config, ignored)}, expected only one of them`,
    hint: `To ignore ${both.length === 1 ? 'it' : 'them'}, add \`failure_statuses: [${rest.join(', ')}]\`.`,
  });
}

function recovery({ title, values, setter }: Target): readonly PlacedFinding[] {
  const wait = values.recoveryTimeoutMs;
  const finding = (message: string, hint: string): readonly PlacedFinding[] =>
    at(setter('recoveryTimeoutMs'), { severity: 'warning', code: 'unusual-recovery', message, hint });
  if (wait === 0)
    return finding(
      `an open circuit of ${title} lets a probe through at once, so it hardly keeps anything away`,
      'A few seconds give the service a rest.',
    );
  if (wait > LONG_RECOVERY_MS)
    return finding(`an open circuit of ${title} waits ${duration(wait)} before its first probe`, 'The unit is seconds.');
  return [];
}
