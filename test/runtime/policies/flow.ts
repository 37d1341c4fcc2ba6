import { CALLER } from '../../../runtime/observe/event-hub.js';
import {
  connect,
  type Expiry,
  type Failure,
  type Flow,
  type FlowSettings,
  type Link,
  type Outcome,
} from '../../../runtime/policies/stage.js';

/** The neighbours of one link: what reaches the outer one is in `ended`, and what reaches the inner one in `entered`, `left` and `dropped`. */
export class Neighbours {
  readonly ended: (Failure | string)[] = [];
  readonly entered: number[] = [];
  readonly left: (Expiry | undefined)[] = [];
  dropped = 0;
  /** What the inner link says of an attempt that is left. */
  outcome: Outcome = 'released';

  constructor(link: Link<Flow>) {
    const outer = {
      succeeded: (_: Flow, value: unknown) => this.ended.push(String(value)),
      failed: (_: Flow, failure: Failure) => this.ended.push(failure),
      heard: () => undefined,
      gone: () => undefined,
    };
    const inner = {
      outer,
      enter: (_: Flow, now: number) => this.entered.push(now),
      leave: (_: Flow, __: number, expiry: Expiry | undefined) => {
        this.left.push(expiry);
        return this.outcome;
      },
      drop: () => this.dropped++,
    };
    connect<Flow>(outer, [link], inner);
  }

  /** A flow with these settings. If its time is up, `ended` says when. */
  flow(settings: Partial<FlowSettings> = {}, flow: Partial<Flow> = {}): Flow {
    return flowOf(settings, { expire: (now) => this.ended.push(`expired at ${now}`), ...flow });
  }
}

/** A flow with these settings, whose first attempt is under way. */
export const flowOf = (settings: Partial<FlowSettings> = {}, flow: Partial<Flow> = {}): Flow => ({
  ...CALLER,
  settings: { ...SETTINGS, ...settings },
  over: false,
  until: Number.POSITIVE_INFINITY,
  attempts: 1,
  repeats: 0,
  phase: 'waiting',
  waiting: undefined,
  permit: 0,
  permitAt: 0,
  retry: undefined,
  onWire: 0,
  expire: () => undefined,
  ...flow,
});

const SETTINGS: FlowSettings = {
  leaseMs: 1_000,
  retryEnabled: true,
  maxAttempts: 3,
  baseDelayMs: 100,
  maxDelayMs: 1_000,
  exponentialBase: 2,
  jitter: false,
  waitForProbe: false,
  maxRetryAfterMs: 1_000,
  repeatable: true,
  fallback: [],
  placeWaitMs: 0,
  tokenWaitMs: 0,
};

/** A failure that another attempt could help. */
export const failureOf = (failure: Partial<Failure> = {}): Failure => ({
  error: new Error('down'),
  cause: 'error',
  outcome: 'failure',
  timedOut: false,
  refused: false,
  transient: true,
  neverSent: false,
  throttled: false,
  waitMs: undefined,
  answerable: true,
  ...failure,
});
