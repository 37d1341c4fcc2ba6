import { opensOnNothing } from '../policies/circuit-breaker/window/options.js';
import { breakerInput } from './breaker-values.js';
import type { Setter, Target } from './targets.js';
import type { PolicyValues } from './types.js';
import type { PlacedFinding } from './validate.js';
import { duration } from './value-checks.js';

/** Finds windows that can never open the circuit, window settings without effect, and backoffs that contradict the recovery timeout. */
export function windowFindings(target: Target): readonly PlacedFinding[] {
  return [...windowFaults(target), ...reopenFaults(target)];
}

function windowFaults({ title, values, setter }: Target): readonly PlacedFinding[] {
  const { slidingWindow } = breakerInput(values);
  if (slidingWindow === false || slidingWindow === undefined) return [];
  const { windowType, windowSize, minimumCalls, failureThreshold, failureThresholdCounts, slowCallMs } = values;
  const found: PlacedFinding[] = [];
  const size = windowType === 'count' ? windowSize : Number.POSITIVE_INFINITY;
  // An inherited minimum is reduced to the size of a small window. A minimum that the file sets is a contradiction.
  if (minimumCalls > size && setter('minimumCalls')?.path !== undefined) {
    found.push(
      ...at(last([setter('minimumCalls'), setter('windowSize')]), {
        code: 'minimum-exceeds-window',
        message: `${title} wants ${minimumCalls} calls before a rate counts, but its window holds ${size}, expected \`minimum_calls\` up to \`size\``,
        hint: `Lower \`minimum_calls\` to ${size} or less, or widen the window.`,
      }),
    );
  }
  if (failureThresholdCounts === 'window' && failureThreshold > size) {
    found.push(
      ...at(last([setter('failureThreshold'), setter('windowSize')]), {
        code: 'threshold-exceeds-window',
        message: `${title} opens at ${failureThreshold} failures among its last ${size} calls, which cannot be, expected \`failure_threshold\` up to the size of the window`,
        hint: `Lower \`failure_threshold\` to ${size} or less, or widen the window.`,
      }),
    );
  }
  if (opensOnNothing({ ...(slidingWindow as Parameters<typeof opensOnNothing>[0]) })) {
    found.push(
      ...at(last(CRITERIA.map(setter)), {
        code: 'window-opens-nothing',
        message: `the window of ${title} has no threshold left that opens the circuit, expected at least one`,
        hint: 'Set `failure_rate_threshold`, or `failure_threshold_counts: consecutive`.',
      }),
    );
  }
  const slow = setter('slowCallRateThreshold');
  if (slowCallMs === null && values.slowCallRateThreshold !== null && slow?.path !== undefined) {
    found.push(
      ...at(slow, {
        severity: 'warning',
        code: 'nothing-is-slow',
        message: `the rate of slow calls of ${title} has no effect: nothing says when a call is slow`,
        hint: 'Add `slow_call_duration_seconds` beside it.',
      }),
    );
  }
  return found;
}

const CRITERIA = [
  'failureRateThreshold',
  'slowCallRateThreshold',
  'slowCallMs',
  'failureOrSlowRateThreshold',
  'failureThresholdCounts',
] as const satisfies readonly (keyof PolicyValues)[];

function reopenFaults({ title, values, setter }: Target): readonly PlacedFinding[] {
  const { reopenBackoffEnabled, reopenMaxMs, recoveryTimeoutMs } = values;
  const max = setter('reopenMaxMs');
  if (!reopenBackoffEnabled || max?.path === undefined || !(reopenMaxMs < recoveryTimeoutMs)) return [];
  return at(last([max, setter('recoveryTimeoutMs')]), {
    severity: 'warning',
    code: 'backoff-below-recovery',
    message: `the longest wait of ${title} is ${duration(reopenMaxMs)}, shorter than its recovery timeout of ${duration(recoveryTimeoutMs)}, so the backoff has no effect`,
    hint: `Set \`max_seconds\` above ${recoveryTimeoutMs / 1_000}, or lower \`recovery_timeout_seconds\`.`,
  });
}

/**
 * Returns the setting with the highest precedence among those that the file sets. A finding is placed there, because it is probably the most recent.
 */
function last(setters: readonly (Setter | undefined)[]): Setter | undefined {
  const placed = setters.filter((setter) => setter?.path !== undefined);
  return placed.reduce((best, setter) => ((setter?.strength ?? -1) > (best?.strength ?? -1) ? setter : best), placed[0]);
}

function at(setter: Setter | undefined, finding: Omit<PlacedFinding, 'path' | 'anchor'>): readonly PlacedFinding[] {
  return setter?.path === undefined ? [] : [{ ...finding, path: setter.path.map(String), anchor: 'key' }];
}
