import { BreakerRegistry, type CircuitBreaker } from 'fuseline';
import { type Alert, type AlertChannel, type AlertOptions, type Alerts, type ChannelProblem, startAlerts } from 'fuseline/alerts';
import { FakeClock } from 'fuseline/testing';

/** A channel that keeps what it is given. */
export function recorder(given: Partial<AlertChannel> = {}): AlertChannel & { readonly alerts: Alert[] } {
  const alerts: Alert[] = [];
  const open = () => ({
    send: async (alert: Alert): Promise<void> => {
      alerts.push(alert);
    },
  });
  return { name: 'recorder', open, ...given, alerts };
}

export interface Bench {
  readonly clock: FakeClock;
  readonly registry: BreakerRegistry;
  readonly circuit: CircuitBreaker;
  readonly alerts: Alerts;
  readonly channel: ReturnType<typeof recorder>;
  readonly problems: ChannelProblem[];
  /** `circuit_open critical ghl-….1`, without the incident: what was told so far, and lets it be told. */
  told(): Promise<string[]>;
  fail(times?: number, circuit?: CircuitBreaker): void;
  succeed(times?: number, circuit?: CircuitBreaker): void;
}

/** A circuit `ghl` that opens after 3 failures, waits 60 s, and closes after one success. */
export function bench(options: Partial<AlertOptions> = {}): Bench {
  const clock = new FakeClock();
  const registry = options.registry ?? new BreakerRegistry({ clock });
  const circuit = registry.obtain('ghl', 'ghl', { failureThreshold: 3, successThreshold: 1, recoveryTimeoutMs: 60_000 });
  const channel = recorder();
  const problems: ChannelProblem[] = [];
  const alerts = startAlerts({
    channels: [channel],
    registry,
    clock,
    env: {},
    source: 'test-host',
    random: () => 0.5,
    onChannelError: (problem) => problems.push(problem),
    ...options,
  });
  const run = (which: CircuitBreaker, outcome: 'success' | 'failure', times: number): void => {
    for (let at = 0; at < times; at++) which.exit(which.enter(clock.now()), outcome, clock.now());
  };
  return {
    clock,
    registry,
    circuit,
    alerts,
    channel,
    problems,
    async told() {
      await clock.advance(0);
      return channel.alerts.map(({ rule, status, severity }) => `${rule} ${status} ${severity}`);
    },
    fail: (times = 3, which = circuit) => run(which, 'failure', times),
    succeed: (times = 1, which = circuit) => run(which, 'success', times),
  };
}
