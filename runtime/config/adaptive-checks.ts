import type { Target } from './targets.js';
import type { Bounds, PolicyValues } from './types.js';
import type { PlacedFinding } from './validate.js';
import { duration } from './value-checks.js';

interface Pair {
  readonly bounds: 'adaptiveFailureThreshold' | 'adaptiveFailureRate' | 'adaptiveRecoveryMs' | 'adaptiveSlowCallMs';
  readonly key: string;
  /** Returns the value to adapt; null if the settings have none. */
  readonly configured: (values: PolicyValues) => number | null;
  readonly show: (value: number) => string;
  /** The setting to add if there is no value to adapt. */
  readonly lacks: string;
}

const PAIRS: readonly Pair[] = [
  {
    bounds: 'adaptiveFailureThreshold',
    key: 'failure_threshold',
    configured: ({ windowEnabled, failureThresholdCounts, failureThreshold }) =>
      windowEnabled && failureThresholdCounts === 'nothing' ? null : failureThreshold,
    show: String,
    lacks: 'Its `sliding_window` opens by rates alone: set `failure_threshold_counts` there.',
  },
  {
    bounds: 'adaptiveFailureRate',
    key: 'failure_rate_threshold',
    configured: ({ windowEnabled, failureRateThreshold }) => (windowEnabled ? failureRateThreshold : null),
    show: String,
    lacks: 'Add a `sliding_window` with a `failure_rate_threshold`.',
  },
  {
    bounds: 'adaptiveRecoveryMs',
    key: 'recovery_timeout_seconds',
    configured: ({ recoveryTimeoutMs }) => recoveryTimeoutMs,
    show: duration,
    lacks: '',
  },
  {
    bounds: 'adaptiveSlowCallMs',
    key: 'slow_call_duration_seconds',
    configured: ({ windowEnabled, slowCallMs }) => (windowEnabled ? slowCallMs : null),
    show: duration,
    lacks: 'Add a `sliding_window` with a `slow_call_duration_seconds`.',
  },
];

/** Finds bounds that exclude every value, that exclude the configured value, or that belong to a setting that is off. */
export function adaptiveFindings({ title, values, setter }: Target): readonly PlacedFinding[] {
  if (values.adaptiveEnabled !== true) return [];
  const block = setter('adaptiveEnabled')?.path;
  if (block !== undefined && PAIRS.every(({ bounds }) => values[bounds] === null)) {
    const message = `the adaptive thresholds of ${title} have no bounds, so nothing adapts`;
    const hint = 'Add bounds, such as `failure_threshold: { min: 3, max: 10 }`.';
    return [{ severity: 'warning', code: 'adaptive-adapts-nothing', message, hint, path: block.map(String), anchor: 'key' }];
  }
  return PAIRS.flatMap((pair) => {
    const path = setter(pair.bounds)?.path?.map(String);
    const bounds: Bounds | null = values[pair.bounds];
    if (path === undefined || bounds === null || typeof bounds !== 'object') return [];
    const finding = findingOf(pair, bounds, title, values);
    return finding === undefined ? [] : [{ ...finding, path, anchor: 'key' as const }];
  });
}

function findingOf(
  { key, configured, show, lacks }: Pair,
  [min, max]: Bounds,
  title: string,
  values: PolicyValues,
): Omit<PlacedFinding, 'path' | 'anchor'> | undefined {
  if (min > max) {
    const message = `the bounds of \`${key}\` of ${title} leave nothing between them: \`min\` is ${show(min)} and \`max\` ${show(max)}, expected \`min\` up to \`max\``;
    return { code: 'adaptive-bounds-reversed', message };
  }
  const value = configured(values);
  if (value === null) {
    const message = `these bounds of ${title} have no effect: it has no \`${key}\` that could adapt`;
    return { severity: 'warning', code: 'adaptive-without-threshold', message, hint: lacks };
  }
  if (value >= min && value <= max) return undefined;
  return {
    severity: 'warning',
    code: 'outside-adaptive-bounds',
    message: `\`${key}\` of ${title} is ${show(value)}, outside of its adaptive bounds ${show(min)} to ${show(max)}, so it would be moved between them`,
    hint: 'Widen the bounds, or configure a value between them.',
  };
}
