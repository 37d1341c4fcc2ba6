import type { Background } from '../../background.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { withoutStack } from '../../errors/base.js';
import { TimeoutError } from '../../errors/call-errors.js';
import { causeOfAny } from '../../errors/cause.js';
import { CURRENT, captureScope, quietly, type UserFunction, type UserScope, userFunction } from '../../user-code.js';

/** Checks whether a service is healthy. False or an error means unhealthy, anything else healthy. The signal aborts at the time limit. */
export type HealthCheck = (context: { readonly signal: AbortSignal }) => unknown;

/** The result of a service's checks. */
export interface ProbeResult {
  /** Null before the first result. */
  readonly healthy: boolean | null;
  /** When the last check ended, as ISO 8601. */
  readonly lastCheckedAt: string | null;
  /** The duration of the last check, in milliseconds. */
  readonly durationMs: number | null;
  readonly consecutiveFailures: number;
  /** A short name of the fault (`timeout`, `http_503`, `unhealthy`, `error`); null if the service is healthy. Never a message. */
  readonly cause: string | null;
}

interface ProbeSetup {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly changed: UserFunction<() => void> | undefined;
}

/** The checks of one service. */
export class HealthProbe {
  static readonly unknown: ProbeResult = { healthy: null, lastCheckedAt: null, durationMs: null, consecutiveFailures: 0, cause: null };
  result: ProbeResult = HealthProbe.unknown;
  readonly #check: UserFunction<HealthCheck>;
  readonly #setup: ProbeSetup;
  #timer: TimerHandle | undefined;
  #started = false;
  #pending: Promise<boolean> | undefined;
  /** Whether the user's function has not settled yet, possibly long after its time limit. */
  #busy = false;
  #end: ((cause: string | null, dropped?: boolean) => void) | undefined;

  constructor(check: HealthCheck, setup: ProbeSetup) {
    this.#check = userFunction(check);
    this.#setup = setup;
  }

  /** Checks now and on the interval, in the context of `background`. */
  start(background: Background): void {
    if (this.#started) return;
    this.#started = true;
    this.#tick(background);
  }

  stop(): void {
    this.#started = false;
    if (this.#timer !== undefined) this.#setup.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#end?.(null, true);
  }

  /** Returns the running check, or starts one. If the last one has timed out and not settled yet, no second one is started. */
  check(): Promise<boolean> {
    this.#pending ??= this.#busy ? Promise.resolve(this.result.healthy === true) : this.#run();
    const pending = this.#pending;
    // No check was started, so the next call can start one.
    if (this.#end === undefined) this.#pending = undefined;
    return pending;
  }

  #tick(background: Background): void {
    this.#timer = background.clock.setTimeout(() => this.#tick(background), this.#setup.intervalMs);
    this.#timer.unref?.();
    // Skipped while the last check has not settled.
    if (!this.#busy) void this.check();
  }

  #run(): Promise<boolean> {
    const { clock, timeoutMs } = this.#setup;
    const scope = captureScope();
    const aborter = new AbortController();
    const startedAt = clock.now();
    // In the context of the check: its listeners would otherwise run in the context of the timer, or of the code that stops the monitor.
    const abort = (reason: Error): void => scope.call(userFunction(() => aborter.abort(reason)));
    return new Promise((resolve) => {
      const timer = clock.setTimeout(() => {
        const place = { service: undefined, operation: 'health check' };
        const error = withoutStack(() => new TimeoutError(place, 'attempt', timeoutMs, 'waiting'));
        this.#end?.('timeout');
        abort(error);
      }, timeoutMs);
      timer.unref?.();
      const end = (cause: string | null, dropped = false): void => {
        if (this.#end !== end) return;
        this.#end = undefined;
        this.#pending = undefined;
        clock.clearTimeout(timer);
        if (dropped) abort(new Error('the monitor was stopped'));
        else this.#keep(cause, clock.now() - startedAt, scope);
        resolve(this.result.healthy === true);
      };
      this.#end = end;
      this.#busy = true;
      // In a promise, so that a synchronous throw is a rejection.
      const work = new Promise((done) => done(CURRENT.call(this.#check, { signal: aborter.signal })));
      work.then(
        (answer) => {
          this.#busy = false;
          end(answer === false ? 'unhealthy' : null);
        },
        (error: unknown) => {
          this.#busy = false;
          end(causeOfAny(error));
        },
      );
    });
  }

  #keep(cause: string | null, durationMs: number, scope: UserScope): void {
    const before = this.result;
    const healthy = cause === null;
    const lastCheckedAt = new Date(this.#setup.clock.wallNow()).toISOString();
    this.result = { healthy, lastCheckedAt, durationMs, consecutiveFailures: healthy ? 0 : before.consecutiveFailures + 1, cause };
    const { changed } = this.#setup;
    if (before.healthy !== healthy && changed !== undefined) quietly(scope, changed);
  }
}
