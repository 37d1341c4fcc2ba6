import { BreakerRegistry, type TimerHandle } from 'fuseline';
import { type AlertChannel, type AlertOptions, type ChannelProblem, startAlerts } from 'fuseline/alerts';
import { FakeClock } from 'fuseline/testing';
import { SEND_DEFAULTS } from '../../../../../runtime/operate/alerts/outbox.js';

/** Knows whether something is being sent: while a socket is at work, no time may pass, or the send's own limit would end it. */
export class SendClock extends FakeClock {
  readonly #sending = new Set<unknown>();

  constructor(readonly sendMs: number) {
    super();
  }

  get sending(): boolean {
    return this.#sending.size > 0;
  }

  override setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const handle = super.setTimeout(() => {
      this.#sending.delete(handle);
      callback();
    }, delayMs);
    if (delayMs === this.sendMs) this.#sending.add(handle);
    return handle;
  }

  override clearTimeout(handle: TimerHandle): void {
    this.#sending.delete(handle);
    super.clearTimeout(handle);
  }
}

export interface Sent {
  readonly clock: SendClock;
  readonly problems: ChannelProblem[];
  /** Opens the circuit `ghl`, again and again. */
  open(): void;
  /** Closes it. */
  close(): void;
}

/** A circuit and one channel that is told of it. */
export function withChannel(channel: AlertChannel, env: Readonly<Record<string, string>>, options: Partial<AlertOptions> = {}): Sent {
  const clock = new SendClock(channel.timeoutMs ?? SEND_DEFAULTS.timeoutMs);
  const registry = new BreakerRegistry({ clock });
  const circuit = registry.obtain('ghl', 'ghl', { failureThreshold: 1 });
  const problems: ChannelProblem[] = [];
  startAlerts({
    channels: [channel],
    registry,
    clock,
    env,
    environment: 'production',
    source: 'host-1',
    random: () => 1,
    cooldownMs: 0,
    runbookUrl: 'https://wiki.example.com/{page}',
    dashboardUrl: 'https://ops.example.com/circuits',
    onChannelError: (problem) => problems.push(problem),
    ...options,
  });
  return {
    clock,
    problems,
    open: () => circuit.exit(circuit.enter(clock.now()), 'failure', clock.now()),
    close: () => circuit.reset(),
  };
}

/** Lets time pass, but only between sends, until something is true. */
export async function until(clock: SendClock, met: () => boolean): Promise<void> {
  while (!met()) await clock.advance(clock.sending ? 0 : 500);
}
