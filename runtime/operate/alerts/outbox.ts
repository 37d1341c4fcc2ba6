import type { Background } from '../../background.js';
import type { TimerHandle } from '../../clock.js';
import { backoffMs } from '../../policies/retry/backoff.js';
import { quietly, type UserFunction, type UserObject } from '../../user-code.js';
import { type Alert, atLeast } from './alert.js';
import type { AlertChannel, AlertSender, ChannelProblem } from './channel.js';
import { asDeliveryError, DeliveryError } from './delivery-error.js';

/** The most queued messages of a channel. */
const MAX_WAITING = 100;
/** The most open incidents of a channel. */
const MAX_INCIDENTS = 1_000;
/** The longest wait that a receiver can ask for. */
const MAX_RETRY_AFTER_MS = 300_000;
export const SEND_DEFAULTS = { timeoutMs: 10_000, maxAttempts: 8 } as const;
const BACKOFF = { baseDelayMs: 1_000, maxDelayMs: 60_000, exponentialBase: 2, jitter: false } as const;

/** A channel and its opened sender. */
export interface OpenedChannel {
  readonly channel: AlertChannel;
  readonly sender: UserObject<AlertSender>;
  readonly close: UserFunction<() => void> | undefined;
}

export interface OutboxSetup {
  readonly background: Background;
  /** At least 0 and below 1. */
  readonly draw: () => number;
  readonly onProblem: (problem: ChannelProblem) => void;
}

/** The counts of a channel's messages. */
export interface ChannelStatus {
  readonly name: string;
  /** The messages that wait or are being sent. */
  readonly waiting: number;
  readonly sent: number;
  /** The messages that failed, or were dropped because the queue was full. */
  readonly lost: number;
}

/**
 * The queue of one channel. It sends messages in order, one at a time. `offer` only queues, so a call whose failure opens a circuit ends before the
 * first byte is written. Timers do not keep the process alive.
 */
export class Outbox {
  readonly #channel: AlertChannel;
  readonly #opened: OpenedChannel;
  readonly #setup: OutboxSetup;
  readonly #queue: Alert[] = [];
  readonly #incidents = new Set<string>();
  /** Shared with the outboxes that this one replaced. */
  #counts = { sent: 0, lost: 0 };
  /** The outbox that this one replaced, until its queue is empty. */
  #before: Outbox | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  /** Ends the current wait, or aborts the current attempt. */
  #interrupt: (() => void) | undefined;

  constructor(opened: OpenedChannel, setup: OutboxSetup) {
    this.#channel = opened.channel;
    this.#opened = opened;
    this.#setup = setup;
  }

  get status(): ChannelStatus {
    return { name: this.#channel.name, waiting: this.#waiting, ...this.#counts };
  }

  /** Queues a message, if this channel wants it. `silent`: the rule is off, so only a receiver that keeps state needs the message. */
  offer(alert: Alert, silent = false): void {
    if (this.#closed || !this.#wants(alert, silent)) return;
    this.#queue.push(alert);
    // A message that is being sent cannot be dropped.
    if (this.#queue.length > MAX_WAITING) {
      const [dropped] = this.#queue.splice(this.#running === undefined ? 0 : 1, 1);
      if (dropped !== undefined) this.#lose('dropped', 'queue_full', 0, dropped);
    }
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  /** Replaces another outbox of the same channel. The ends of its incidents are sent here, and both count together from now on. */
  continueFrom(other: Outbox): void {
    for (const incident of other.#incidents) this.#incidents.add(incident);
    this.#counts = other.#counts;
    this.#before = other;
    void other.idle().then(() => {
      this.#before = undefined;
    });
  }

  /** The messages that wait here and in the outboxes that this one replaced, which still send theirs. */
  get #waiting(): number {
    return this.#queue.length + (this.#before === undefined ? 0 : this.#before.#waiting);
  }

  /** Resolves when the queue is empty. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Aborts the current attempt, drops the queue, and closes the channel. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.length = 0;
    const { background } = this.#setup;
    // The channel's listeners of the signal run in the context of the alerts, not in that of the code that closes them.
    background.run(() => this.#interrupt?.());
    const { close } = this.#opened;
    if (close !== undefined) quietly(background.scope, close);
  }

  #wants(alert: Alert, silent: boolean): boolean {
    const { minSeverity = 'info', keepsState = false } = this.#channel;
    const urgent = atLeast(alert.severity, minSeverity);
    if (alert.status === 'resolved') {
      const told = this.#incidents.delete(alert.incident);
      return keepsState ? told : !silent && (told || urgent);
    }
    if (silent || !urgent) return false;
    if (this.#incidents.size >= MAX_INCIDENTS) for (const oldest of [...this.#incidents].slice(0, 1)) this.#incidents.delete(oldest);
    this.#incidents.add(alert.incident);
    return true;
  }

  async #run(): Promise<void> {
    for (let alert = this.#queue[0]; alert !== undefined; alert = this.#queue[0]) {
      await this.#deliver(alert);
      if (this.#queue[0] === alert) this.#queue.shift();
    }
    this.#running = undefined;
  }

  async #deliver(alert: Alert): Promise<void> {
    const { maxAttempts = SEND_DEFAULTS.maxAttempts } = this.#channel;
    const { draw } = this.#setup;
    for (let attempt = 1; !this.#closed; attempt++) {
      const error = await this.#attempt(alert, attempt);
      if (error === undefined) {
        this.#counts.sent++;
        return;
      }
      if (this.#closed) return;
      const { retryable, retryAfterMs = 0, reason } = error;
      if (!retryable || attempt >= maxAttempts || retryAfterMs > MAX_RETRY_AFTER_MS) {
        this.#lose('failed', reason, attempt, alert);
        return;
      }
      // Half of the wait is random, so that processes in the same outage do not retry together.
      const backoff = backoffMs(BACKOFF, attempt, false, draw);
      await this.#wait(Math.max(retryAfterMs, backoff / 2 + (backoff / 2) * draw()));
    }
  }

  /** Makes one attempt, which ends at its time limit whatever the channel does. */
  #attempt(alert: Alert, attempt: number): Promise<DeliveryError | undefined> {
    const { scope, clock } = this.#setup.background;
    const { timeoutMs = SEND_DEFAULTS.timeoutMs } = this.#channel;
    const aborter = new AbortController();
    return new Promise((resolve) => {
      const end = (error: DeliveryError | undefined): void => {
        if (this.#interrupt !== stop) return;
        this.#interrupt = undefined;
        clock.clearTimeout(timer);
        resolve(error);
      };
      const stop = (): void => {
        end(new DeliveryError('timeout'));
        aborter.abort(new DOMException('The send took too long', 'AbortError'));
      };
      this.#interrupt = stop;
      const timer = unrefd(clock.setTimeout(stop, timeoutMs));
      const context = { signal: aborter.signal, attempt, now: clock.wallNow() };
      // In a promise, so that a synchronous throw is a rejection. A late result changes nothing.
      const work = new Promise<void>((done) => done(scope.invoke(this.#opened.sender, 'send', alert, context)));
      work.then(
        () => end(undefined),
        (error: unknown) => end(asDeliveryError(error)),
      );
    });
  }

  #wait(ms: number): Promise<void> {
    const { clock } = this.#setup.background;
    return new Promise((resolve) => {
      const end = (): void => {
        this.#interrupt = undefined;
        clock.clearTimeout(timer);
        resolve();
      };
      this.#interrupt = end;
      const timer = unrefd(clock.setTimeout(end, ms));
    });
  }

  #lose(kind: ChannelProblem['kind'], cause: string, attempts: number, alert: Alert): void {
    this.#counts.lost++;
    const { name } = this.#channel;
    const what =
      kind === 'dropped'
        ? 'was dropped, because the queue is full'
        : `was not delivered after ${attempts === 1 ? 'one attempt' : `${attempts} attempts`}`;
    const message = `alert channel ${name}: the message ${alert.id} ${what} (${cause})`;
    this.#setup.onProblem({ channel: name, kind, cause, attempts, alert: alert.id, lost: this.#counts.lost, message });
  }
}

function unrefd(timer: TimerHandle): TimerHandle {
  timer.unref?.();
  return timer;
}
