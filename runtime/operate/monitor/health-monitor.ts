import { Background } from '../../background.js';
import { type Clock, guardedClock, MAX_TIMER_MS, systemClock } from '../../clock.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject } from '../../errors/given.js';
import { checkedLater, givenOptions, type OptionTable } from '../../errors/option-table.js';
import { dispose } from '../../observe/subscription.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerSnapshot } from '../../policies/circuit-breaker/snapshot.js';
import { CURRENT, userFunction } from '../../user-code.js';
import { type HealthCheck, HealthProbe, type ProbeResult } from './health-probe.js';

export type { HealthCheck };

export interface HealthMonitorOptions {
  /** The check of each service. */
  readonly checks: Readonly<Record<string, HealthCheck>>;
  /** The time between the starts of two checks of a service, in milliseconds. Default: HEALTH_CHECK_INTERVAL (seconds), else 30,000. */
  readonly intervalMs?: number;
  /** The limit of one check, in milliseconds. Default 5,000. */
  readonly timeoutMs?: number;
  /** The circuits whose state the status shows, by service. */
  readonly circuits?: Readonly<Record<string, CircuitBreaker>>;
  /** Called with the first result of a service, and when the service becomes healthy or unhealthy. Its errors are dropped. */
  readonly onChange?: (service: string, health: ServiceHealth) => void;
  readonly clock?: Clock;
  /** The environment variables. Default: those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** The health of one service. */
export interface ServiceHealth extends ProbeResult {
  /** The state of its circuit, if the monitor has one. */
  readonly circuit?: BreakerSnapshot['state'];
}

export interface HealthStatus {
  /** `unknown` until every service has a result. */
  readonly status: 'all_healthy' | 'degraded' | 'all_unhealthy' | 'unknown';
  readonly allHealthy: boolean;
  /** Whether the checks run on the interval. */
  readonly monitoring: boolean;
  readonly services: Readonly<Record<string, ServiceHealth>>;
}

const DEFAULT_INTERVAL_MS = 30_000;
const DEFAULT_TIMEOUT_MS = 5_000;

const OPTIONS: OptionTable<HealthMonitorOptions> = {
  checks: checkedLater,
  intervalMs: duration,
  timeoutMs: duration,
  circuits: (option, value: object) => givenObject(option, value, 'an object with a circuit per service'),
  onChange: givenFunction,
  clock: givenClock,
  env: givenObject,
};

const VARIABLE = 'HEALTH_CHECK_INTERVAL';

/**
 * Checks services on an interval, in the background. A check never overlaps itself: if it takes longer than the interval, or ignores its time limit,
 * the next check of that service is skipped. Other services are not affected. Timers do not keep the process alive.
 *
 * Checks are for people and load balancers. They feed no circuit, because they do not make the requests of calls. They run in the async context of
 * `start()`, or of the caller of `check`.
 *
 * @example
 * const monitor = new HealthMonitor({ checks: { ghl: ({ signal }) => ghl.locations.get({ locationId }, { signal }) } }).start();
 * if (!monitor.status().allHealthy) console.warn(JSON.stringify(monitor));
 * // Later: `monitor.stop()` ends it.
 */
export class HealthMonitor {
  readonly #probes: ReadonlyMap<string, HealthProbe>;
  readonly #circuits: Readonly<Record<string, CircuitBreaker>>;
  readonly #intervalMs: number;
  readonly #clock: Clock;
  #running = false;

  /** @throws {ConfigurationError} with the option or variable that cannot work. */
  constructor(given: HealthMonitorOptions) {
    const options: HealthMonitorOptions = givenOptions('a health monitor', given, OPTIONS, 'monitor');
    const { checks, timeoutMs = DEFAULT_TIMEOUT_MS, circuits = {}, onChange, clock = systemClock } = options;
    if (typeof checks !== 'object' || checks === null || Object.keys(checks).length === 0)
      throw new ConfigurationError('checks', checks, 'an object with a check per service');
    for (const name of Object.keys(circuits)) {
      if (!Object.hasOwn(checks, name)) throw new ConfigurationError(`circuits['${name}']`, name, 'a service that has a check');
      if (typeof circuits[name]?.snapshot !== 'function')
        throw new ConfigurationError(`circuits['${name}']`, circuits[name], 'a CircuitBreaker');
    }
    this.#intervalMs = intervalOf(options);
    this.#circuits = circuits;
    this.#clock = guardedClock(clock);
    const told = onChange === undefined ? undefined : userFunction(onChange);
    const changed = (name: string) => told && userFunction(() => CURRENT.call(told, name, this.#health(name)));
    this.#probes = new Map(
      Object.entries(checks).map(([name, check]) => {
        if (typeof check !== 'function') throw new ConfigurationError(`checks['${name}']`, check, 'a function');
        return [name, new HealthProbe(check, { intervalMs: this.#intervalMs, timeoutMs, clock: this.#clock, changed: changed(name) })];
      }),
    );
  }

  /** The time between the starts of two checks, in milliseconds. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Checks every service now, and then on the interval, until `stop`. Safe to call twice. */
  start(): this {
    this.#running = true;
    const background = new Background(this.#clock);
    for (const probe of this.#probes.values()) probe.start(background);
    return this;
  }

  /** Stops checking. A running check is aborted, and its result dropped. Earlier results stay. */
  stop(): void {
    this.#running = false;
    for (const probe of this.#probes.values()) probe.stop();
  }

  /**
   * Checks one service now, or waits for its running check. Returns whether the service is healthy.
   *
   * @throws {ConfigurationError} if the service is unknown.
   */
  async check(service: string): Promise<boolean> {
    const probe = this.#probes.get(service);
    if (probe === undefined) throw new ConfigurationError('service', service, `one of ${[...this.#probes.keys()].join(', ')}`);
    return probe.check();
  }

  /** Checks every service now. */
  async checkAll(): Promise<HealthStatus> {
    await Promise.all([...this.#probes.values()].map((probe) => probe.check()));
    return this.status();
  }

  /** Returns the present status without a check. */
  status(): HealthStatus {
    const services = Object.fromEntries([...this.#probes.keys()].map((name) => [name, this.#health(name)]));
    const known = Object.values(services).map(({ healthy }) => healthy);
    const allHealthy = known.every((healthy) => healthy === true);
    const status = known.includes(null) ? 'unknown' : allHealthy ? 'all_healthy' : known.includes(true) ? 'degraded' : 'all_unhealthy';
    return { status, allHealthy, monitoring: this.#running, services };
  }

  /** Returns the status with names in snake case. */
  toJSON(): Record<string, unknown> {
    const { status, allHealthy, monitoring, services } = this.status();
    return { status, all_healthy: allHealthy, monitoring, services };
  }

  [dispose](): void {
    this.stop();
  }

  #health(name: string): ServiceHealth {
    const result = this.#probes.get(name)?.result ?? HealthProbe.unknown;
    const circuit = this.#circuits[name]?.state;
    return circuit === undefined ? result : { ...result, circuit };
  }
}

function intervalOf({ intervalMs, env }: HealthMonitorOptions): number {
  if (intervalMs !== undefined) return intervalMs;
  const text = (env ?? (typeof process === 'undefined' ? {} : process.env))[VARIABLE];
  if (text === undefined || text.trim() === '') return DEFAULT_INTERVAL_MS;
  const seconds = Number(text);
  if (!(seconds > 0 && seconds * 1000 <= MAX_TIMER_MS))
    throw new ConfigurationError(VARIABLE, text, `seconds, more than 0 and at most ${Math.floor(MAX_TIMER_MS / 1000)}`);
  return seconds * 1000;
}

function duration(option: string, given: number): number {
  if (typeof given !== 'number' || !(given > 0 && given <= MAX_TIMER_MS))
    throw new ConfigurationError(option, given, `milliseconds, more than 0 and at most ${MAX_TIMER_MS}`);
  return given;
}
