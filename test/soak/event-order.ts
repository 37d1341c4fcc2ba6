import type { BreakerOptions, EventOf, FuselineEvent, StateKind, TransitionEvent } from '../../runtime/index.js';

/** What one circuit has said so far. */
class Story {
  state: StateKind = 'closed';
  lastType: FuselineEvent['type'] | undefined;
  lastAt = 0;
  /** Of the last opening; infinite before the first. */
  waitMs = Number.POSITIVE_INFINITY;
  closedAt = Number.NEGATIVE_INFINITY;
  /** Openings in a row: several numbers where it depends on a moment too short to tell. */
  openings: readonly number[] = [0];
  readonly counts: { [K in FuselineEvent['type']]?: number } = {};
}

const AFTER: { readonly [K in StateKind]?: readonly StateKind[] } = {
  closed: ['open'],
  open: ['half_open'],
  half_open: ['open', 'closed'],
};

/** Between a decision and its event's time the machine may do other things, in milliseconds. Where it cannot be known, both are right. */
const SLACK_MS = 1_000;

/** Sums of durations are a hair off. */
const HAIR_MS = 1e-3;

/** Follows the events of every circuit and notes what cannot be under its options: a missing, a repeated, a late, a groundless one. */
export class EventOrder {
  readonly faults: string[] = [];
  events = 0;
  /** What of the rarer things occurred: reasons of openings and refusals, and waits that grew. */
  readonly seen = new Set<string>();
  readonly #stories = new Map<string, Story>();
  readonly #optionsOf: (circuit: string) => BreakerOptions | undefined;

  constructor(optionsOf: (circuit: string) => BreakerOptions | undefined) {
    this.#optionsOf = optionsOf;
  }

  /** Events of a circuit, by type. */
  counts(circuit: string): Story['counts'] {
    return this.#stories.get(circuit)?.counts ?? {};
  }

  readonly listener = (event: FuselineEvent): void => {
    this.events++;
    let story = this.#stories.get(event.circuit);
    if (story === undefined) {
      story = new Story();
      this.#stories.set(event.circuit, story);
    }
    const options = this.#optionsOf(event.circuit);
    if (options === undefined) this.#fault(event, 'of a circuit that nobody knows');
    else if ('oldState' in event) this.#transition(event, story, options);
    else if (event.type === 'call_rejected') this.#rejected(event, story, options);
    if (event.at < story.lastAt) this.#fault(event, `came ${story.lastAt - event.at} ms before its predecessor`);
    story.lastType = event.type;
    story.lastAt = event.at;
    story.counts[event.type] = (story.counts[event.type] ?? 0) + 1;
  };

  #transition(event: TransitionEvent, story: Story, options: BreakerOptions): void {
    if (event.oldState !== story.state) this.#fault(event, `leaves ${event.oldState}, but the circuit was ${story.state}`);
    if (AFTER[event.oldState]?.includes(event.newState) !== true) this.#fault(event, `goes from ${event.oldState} to ${event.newState}`);
    if (event.newState === 'open') {
      const groundless = event.oldState === 'closed' ? groundlessOpening(event, story, options) : groundlessReopening(event, story);
      if (groundless !== undefined) this.#fault(event, groundless);
      this.#waits(event, story, options);
    } else if (event.newState === 'closed') {
      // The last wait is part of the time that it was not closed.
      if (event.downMs === undefined || event.downMs < story.waitMs - HAIR_MS)
        this.#fault(event, `was down for ${event.downMs} ms, but said that it would wait ${story.waitMs} ms`);
      story.closedAt = event.at;
    }
    story.state = event.newState;
  }

  /** As long as the options say: the same each time, or longer with every opening in a row. */
  #waits(event: TransitionEvent, story: Story, options: BreakerOptions): void {
    const { oldState, at, recoveryTimeoutMs: waitMs } = event;
    const stableMs = at - story.closedAt - (options.reopenBackoff?.resetAfterMs ?? 0);
    const next = new Set<number>();
    for (const openings of story.openings) {
      if (oldState !== 'closed' || stableMs < SLACK_MS) next.add(openings + 1);
      if (oldState === 'closed' && stableMs > -SLACK_MS) next.add(1);
    }
    const fitting = [...next].filter((openings) => fits(waitMs, openings, options));
    if (fitting.length === 0) this.#fault(event, `waits ${waitMs} ms at opening ${[...next].join(' or ')} in a row`);
    story.openings = fitting.length === 0 ? [...next] : fitting;
    story.waitMs = waitMs;
    if (event.reason !== undefined) this.seen.add(event.reason);
    if (waitMs > options.recoveryTimeoutMs * (1 + (options.reopenBackoff?.jitter ?? 0))) this.seen.add('longer wait');
  }

  #rejected(event: EventOf<'call_rejected'>, story: Story, { ramp }: BreakerOptions): void {
    const { reason, retryAfterMs } = event;
    this.seen.add(reason);
    if (reason === 'open') {
      if (story.state !== 'open') this.#fault(event, `in a circuit that is ${story.state}`);
      if (!(retryAfterMs > 0 && retryAfterMs <= story.waitMs + HAIR_MS))
        this.#fault(event, `asks to wait ${retryAfterMs} ms, but the circuit ${story.waitMs} ms`);
      return;
    }
    if (reason === 'half_open' && story.state !== 'half_open')
      this.#fault(event, `for want of a place in a circuit that is ${story.state}`);
    if (reason === 'ramp') {
      if (ramp === undefined || story.state !== 'closed')
        this.#fault(event, `by a ramp in a circuit that is ${story.state} and has no such`);
      else if (event.at > story.closedAt + ramp.durationMs + SLACK_MS)
        this.#fault(event, `by a ramp that ended ${event.at - story.closedAt - ramp.durationMs} ms ago`);
    }
    if (reason === 'forced_open') this.#fault(event, 'by a hand that nobody laid on it');
    if (retryAfterMs !== 0) this.#fault(event, `asks to wait ${retryAfterMs} ms, although calls pass`);
  }

  #fault(event: { readonly circuit: string; readonly type: string }, what: string): void {
    if (this.faults.length < 20) this.faults.push(`${event.circuit} ${event.type}: ${what}`);
  }
}

/** Why a closed circuit had no ground to open. */
function groundlessOpening({ reason, failureCount, window }: TransitionEvent, story: Story, options: BreakerOptions): string | undefined {
  const { slidingWindow, failureThreshold } = options;
  if (reason === 'consecutive_failures') {
    if (slidingWindow !== undefined && slidingWindow.failureThresholdCounts !== 'consecutive') return 'opened for what its window replaces';
    if (story.lastType !== 'call_failed') return `follows ${story.lastType}: the cause must come before the effect`;
    return failureCount === failureThreshold ? undefined : `opened after ${failureCount} failures`;
  }
  if (slidingWindow === undefined || window === undefined) return `opened because of ${reason}, and has no window`;
  const { minimumCalls, failureRateThreshold, slowCallRateThreshold, failureOrSlowRateThreshold } = slidingWindow;
  const { calls, failedCalls, slowCallsInFlight, failureRate, slowCallRate, failureOrSlowRate } = window;
  const known = reason === 'failure_rate' ? calls : calls + slowCallsInFlight;
  const reached = (rate: number | null, threshold: number | null): boolean =>
    known >= minimumCalls && rate !== null && threshold !== null && rate >= threshold;
  const grounds = {
    failures_in_window: slidingWindow.failureThresholdCounts === 'window' && failedCalls >= failureThreshold,
    failure_rate: reached(failureRate, failureRateThreshold),
    slow_call_rate: reached(slowCallRate, slowCallRateThreshold),
    failure_or_slow_rate: reached(failureOrSlowRate, failureOrSlowRateThreshold),
  };
  const holds = reason !== undefined && reason in grounds && grounds[reason as keyof typeof grounds];
  return holds ? undefined : `opened because of ${reason}, with ${JSON.stringify(window)}`;
}

/** Why a circuit that probed had no ground to open again. */
function groundlessReopening({ reason, failureCount }: TransitionEvent, story: Story): string | undefined {
  if (failureCount !== 1) return `reopened after ${failureCount} failures`;
  if (reason === 'probe_expired') return undefined;
  if (reason !== 'probe_failed') return `reopened because of ${reason}`;
  return story.lastType === 'call_failed' ? undefined : `follows ${story.lastType}: the cause must come before the effect`;
}

/** Is this the wait of the opening number `openings` in a row, whatever the jitter? */
function fits(waitMs: number, openings: number, { recoveryTimeoutMs: base, reopenBackoff }: BreakerOptions): boolean {
  if (reopenBackoff === undefined) return waitMs === base;
  const cap = Math.max(base, reopenBackoff.maxMs);
  const grown = base * reopenBackoff.multiplier ** (openings - 1);
  const most = Math.min(cap, grown * (1 + reopenBackoff.jitter));
  const least = Math.max(base, Math.min(grown, cap / (1 + reopenBackoff.jitter)));
  return waitMs >= least - HAIR_MS && waitMs <= most + HAIR_MS;
}
