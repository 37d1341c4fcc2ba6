import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { BreakerRegistry, type ClientOptions, type FuselineEvent, type ServiceClient } from 'fuseline';
import type { BreakerWatcher } from 'fuseline/config';
import { type Dashboard, dashboard } from 'fuseline/dashboard';
import { type HealthHandler, healthHandler } from 'fuseline/health';
import { logEvents } from 'fuseline/logging';
import { collectMetrics, type MetricsCollection } from 'fuseline/metrics';
import { otel } from 'fuseline/otel';
import { FakeClock } from 'fuseline/testing';
import { type Logger, pino } from 'pino';
import { Registry } from 'prom-client';
import { all, Records, throwing } from './instrumentation.js';
import { Receivers } from './receivers.js';
import { SECRETS } from './secrets.js';

/** A stream that keeps what it is given. */
class Lines extends Writable {
  readonly chunks: string[] = [];

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.chunks.push(String(chunk));
    done();
  }
}

/** Everything that watches clients, and what all of it was told. */
export class World {
  readonly events: FuselineEvent[] = [];
  /** What clients, calls and configurations rejected with or threw. */
  readonly errors: unknown[] = [];
  readonly results: unknown[] = [];
  readonly promises: unknown[] = [];
  readonly clients: ServiceClient[] = [];
  readonly watchers: BreakerWatcher[] = [];
  /** What was sent, and what callers were answered: shown to nobody, but to see that each secret was there. */
  readonly wire: string[] = [];
  readonly answered: unknown[] = [];
  readonly spans = new InMemorySpanExporter();
  readonly records = new Records();
  readonly register = new Registry();
  readonly warnings: string[] = [];
  readonly audit: unknown[] = [];
  readonly console = new Lines();
  readonly pino = new Lines();
  readonly otel = otel({ tracerProvider: new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(this.spans)] }) });
  readonly instrumentation = all(this.otel, this.records, throwing(SECRETS.instrumentationError));
  readonly subscriptions: readonly unknown[];
  readonly logger: Logger = pino({ level: 'trace' }, this.pino);
  readonly metrics: MetricsCollection;
  readonly health: HealthHandler;
  readonly dashboard: Dashboard;

  private constructor(
    readonly receivers: Receivers,
    readonly registry: BreakerRegistry,
    readonly clock: FakeClock,
  ) {
    this.metrics = collectMetrics({ register: this.register as never, registry });
    const lines = new Console({ stdout: this.console, stderr: this.console, inspectOptions: { depth: null, showHidden: true } });
    registry.subscribe(() => {
      throw new Error(SECRETS.listenerError);
    });
    registry.subscribe((event) => this.events.push(event));
    this.subscriptions = [logEvents(registry, lines as never), logEvents(registry, this.logger as never)];
    this.dashboard = dashboard({ registry, clock });
    this.health = healthHandler({
      registry,
      clock,
      token: SECRETS.healthToken,
      adminToken: SECRETS.adminToken,
      metrics: this.register as never,
      warn: (message) => this.warnings.push(message),
      onAction: (action) => this.audit.push(action),
      routes: [
        {
          method: 'GET',
          path: '/broken',
          permission: 'none',
          handle: () => {
            throw new Error(SECRETS.routeError);
          },
        },
        ...this.dashboard,
      ],
    });
  }

  static async start(): Promise<World> {
    const clock = new FakeClock();
    const registry = new BreakerRegistry({ clock });
    return new World(await Receivers.start(registry, clock), registry, clock);
  }

  /** Options of a client that tells everyone, and holds every secret that one can. */
  options(): ClientOptions {
    return {
      credentials: { username: 'ann', password: SECRETS.password },
      headers: { 'X-Client': SECRETS.clientHeader },
      clock: this.clock,
      registry: this.registry,
      timeoutMs: 100,
      totalTimeoutMs: 10_000,
      retry: { maxAttempts: 2, baseDelayMs: 0, maxDelayMs: 0 },
      breaker: { failureThreshold: 1_000 },
      random: () => 0.5,
      env: { CIRCUIT_BREAKER_SUCCESS_THRESHOLD: '2', GHL_TOKEN: SECRETS.variable, PATH: SECRETS.variable },
      environment: 'test',
      instrumentation: this.instrumentation,
      onEvent: (event) => {
        this.events.push(event);
        throw new Error(SECRETS.listenerError);
      },
    };
  }
}
