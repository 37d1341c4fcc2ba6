import type { Bounds } from '../../config/types.js';
import type { ThresholdReason } from '../../observe/events.js';
import type { BreakerOptions } from '../../policies/circuit-breaker/options.js';
import type { OpenReason } from '../../policies/circuit-breaker/state.js';
import type { CircuitHistory, Opening } from './history.js';
import { type AdaptiveSettings, SETTINGS, type Setting } from './settings.js';

/** A new value for a threshold. */
export interface Proposal {
  readonly setting: Setting;
  /** The present value. */
  readonly current: number;
  /** The final value, inside the bounds. */
  readonly target: number;
  /** The value after one step, inside the bounds. Equal to the present value if the bounds allow no other. */
  readonly next: number;
  readonly reason: ThresholdReason;
  /** The openings that led to the proposal. */
  readonly because: readonly Opening[];
}

/** The largest share by which one step changes a threshold. A count changes by at least one. */
const STEP = 0.25;

/** Smaller differences are ignored as noise. */
const NOISE = 0.1;

/** This many false openings are more than chance. */
const FALSE_OPENS = 2;

/** The fewest outages whose lengths mean something. */
const OUTAGES = 3;

/** A row of failures counts as more than chance if it is expected less than once in this many such histories. */
const HISTORIES = 100;

/** The standard deviations by which a rate must exceed the normal rate. */
const DEVIATIONS = 4;

/** A call is slow if it takes this many times the 95th percentile of normal calls. */
const SLOW_FACTOR = 3;

type Aim = Pick<Proposal, 'target' | 'reason'> & Partial<Pick<Proposal, 'because'>>;

/** Returns the proposals that fit the observations, at most one for each setting with bounds. */
export function proposals(history: CircuitHistory, options: BreakerOptions, settings: AdaptiveSettings): readonly Proposal[] {
  return SETTINGS.flatMap((setting): readonly Proposal[] => {
    const bounds = settings.bounds[setting];
    const current = currentValue(options, setting);
    if (bounds === undefined || current === null) return [];
    const aim = AIMS[setting](history, options, current, settings);
    if (aim === undefined) return [];
    const limits = within(bounds, setting, options);
    const target = clamp(rounded(aim.target, setting), limits);
    const step = stepOf(current, setting);
    const next = clamp(rounded(current + clamp(target - current, [-step, step]), setting), limits);
    return [{ setting, current, target, next, reason: aim.reason, because: aim.because ?? [] }];
  });
}

/** Returns the present value of a threshold; null if the circuit has no such threshold. */
export function currentValue({ failureThreshold, recoveryTimeoutMs, slidingWindow }: BreakerOptions, setting: Setting): number | null {
  if (setting === 'recoveryTimeoutMs') return recoveryTimeoutMs;
  if (setting === 'failureThreshold') return slidingWindow?.failureThresholdCounts === 'nothing' ? null : failureThreshold;
  return slidingWindow?.[setting] ?? null;
}

const AIMS: {
  readonly [S in Setting]: (
    history: CircuitHistory,
    options: BreakerOptions,
    current: number,
    settings: AdaptiveSettings,
  ) => Aim | undefined;
} = {
  failureThreshold: (history, { slidingWindow }, current, { minimumCalls }) => {
    const raised = raisedBy(history, 'failureThreshold', current, ['consecutive_failures', 'failures_in_window']);
    if (raised !== undefined) return raised;
    const { calls, failures } = history.normal();
    if (calls < minimumCalls) return undefined;
    const rate = likelyRate(failures, calls);
    if (slidingWindow?.failureThresholdCounts !== 'window') return lowered(history, current, chanceRun(rate, calls));
    // The number of calls in a time window is unknown.
    if (slidingWindow.type === 'time') return undefined;
    return lowered(history, current, Math.ceil(slidingWindow.size * unlikelyRate(rate, slidingWindow.size)));
  },
  failureRateThreshold: (history, { slidingWindow }, current, { minimumCalls }) => {
    const raised = raisedBy(history, 'failureRateThreshold', current, ['failure_rate', 'failure_or_slow_rate']);
    const { calls, failures } = history.normal();
    if (raised !== undefined || calls < minimumCalls || slidingWindow === undefined) return raised;
    return lowered(history, current, unlikelyRate(likelyRate(failures, calls), slidingWindow.minimumCalls));
  },
  recoveryTimeoutMs: (history, _, current) => {
    const outages = history.openings('recoveryTimeoutMs');
    if (outages.length < OUTAGES) return undefined;
    const outlasted = outages.filter(({ failedProbes }) => failedProbes > 0).length;
    const step = stepOf(current, 'recoveryTimeoutMs');
    if (outlasted * 2 >= outages.length) return { target: current + step, reason: 'failed_probes', because: outages };
    return outlasted > 0 ? undefined : { target: current - step, reason: 'first_probes_succeed', because: outages };
  },
  slowCallDurationMs: (history, _, current, { minimumCalls }) => {
    const raised = raisedBy(history, 'slowCallDurationMs', current, ['slow_call_rate']);
    const { calls, p95Ms } = history.normal();
    if (raised !== undefined || calls < minimumCalls || p95Ms === null) return raised;
    const target = p95Ms * SLOW_FACTOR;
    return near(target, current) ? undefined : { target, reason: 'normal_duration' };
  },
};

/** Returns the openings for these reasons that ended at the first probe. They suggest that the threshold is too low. */
function raisedBy(history: CircuitHistory, setting: Setting, current: number, reasons: readonly OpenReason[]): Aim | undefined {
  const fresh = new Set(history.openings(setting));
  const because = history.falseOpens.filter(
    (opening) => fresh.has(opening) && opening.reason !== undefined && reasons.includes(opening.reason),
  );
  return because.length < FALSE_OPENS ? undefined : { target: current + stepOf(current, setting), reason: 'false_opens', because };
}

/** Returns the target for a normal rate. It is not below the present value while there are false openings. */
function lowered(history: CircuitHistory, current: number, target: number): Aim | undefined {
  if (near(target, current)) return undefined;
  if (target < current && history.falseOpens.length > 0) return undefined;
  return { target, reason: 'normal_failure_rate' };
}

/** Estimates a rate, slightly too high for few calls: no failure among few calls does not mean that there are none. */
function likelyRate(failures: number, calls: number): number {
  return (failures + 1) / (calls + 2);
}

/** Returns the shortest row of failures that is more than chance. `calls × rate ^ length` rows of at least that length are expected. */
function chanceRun(rate: number, calls: number): number {
  return Math.max(1, Math.ceil(Math.log(1 / (HISTORIES * calls)) / Math.log(rate)));
}

/** Returns a rate that `of` calls hardly ever reach at the normal rate. */
function unlikelyRate(rate: number, of: number): number {
  return Math.min(1, rate + DEVIATIONS * Math.sqrt((rate * (1 - rate)) / of));
}

function near(target: number, current: number): boolean {
  return Math.abs(target - current) < current * NOISE;
}

function stepOf(current: number, setting: Setting): number {
  return setting === 'failureThreshold' ? Math.max(1, Math.floor(current * STEP)) : current * STEP;
}

/** A count of failures in a window cannot exceed its size. */
function within([min, max]: Bounds, setting: Setting, { slidingWindow }: BreakerOptions): Bounds {
  const counts = setting === 'failureThreshold' && slidingWindow?.type === 'count' && slidingWindow.failureThresholdCounts === 'window';
  return counts ? [Math.min(min, slidingWindow.size), Math.min(max, slidingWindow.size)] : [min, max];
}

function clamp(value: number, [min, max]: Bounds): number {
  return Math.min(max, Math.max(min, value));
}

/** Rounds failures and milliseconds to whole numbers, and rates to thousandths. */
function rounded(value: number, setting: Setting): number {
  if (setting === 'failureThreshold') return Math.ceil(value);
  return setting === 'failureRateThreshold' ? Math.round(value * 1_000) / 1_000 : Math.round(value);
}
