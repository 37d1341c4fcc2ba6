import { BreakerRegistry, type ClientOptions, FuselineError, type FuselineEvent, type ServiceClient } from 'fuseline';
import { type BreakerWatcher, type DiagnosticError, type Reload, type WatchOptions, watchBreakers } from 'fuseline/config';
import { FakeClock } from 'fuseline/testing';
import { errorOf, getThing, type Service, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MemoryFile } from './memory-file.js';

/** A breaker YAML with settings of the service acme. */
export const acme = (settings: string): string => `circuit_breaker: { services: { acme: { retry: false, ${settings} } } }\n`;

/** What the clients of a world were generated with. */
export const generated = { service: { failureThreshold: 2, retryEnabled: false } };

export const kindOf = (error: unknown): string => (error instanceof FuselineError ? error.kind : String(error));

/** A file in memory, its watcher, and clients of one registry whose calls get a 503. */
export class World {
  readonly registry = new BreakerRegistry();
  readonly clock = new FakeClock();
  readonly dispatcher = new InMemory(answers(503));
  readonly file = new MemoryFile(acme('failure_threshold: 3'));
  readonly events: FuselineEvent[] = [];
  readonly reloads: Reload[] = [];
  readonly errors: DiagnosticError[] = [];
  watcher: BreakerWatcher | undefined;

  constructor() {
    this.registry.subscribe((event) => this.events.push(event));
  }

  client(options: ClientOptions = {}, service: Service = {}): ServiceClient {
    const { clock, dispatcher, registry } = this;
    return testClient(
      { baseUrl: 'https://api.acme.test', token: 't', clock, dispatcher, registry, ...options },
      { baseUrl: 'https://api.acme.test', policies: generated, ...service },
    );
  }

  async watch(options: Partial<WatchOptions> = {}): Promise<BreakerWatcher> {
    this.watcher = watchBreakers({
      file: 'b.yaml',
      registry: this.registry,
      source: this.file,
      clock: this.clock,
      pollMs: null,
      onReload: (reload) => this.reloads.push(reload),
      onError: (error) => this.errors.push(error),
      ...options,
    });
    await this.watcher.ready;
    return this.watcher;
  }

  types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }

  /** Makes a call that fails. Returns the kind of its error. */
  async fails(from: ServiceClient): Promise<string> {
    return kindOf(await errorOf(from.call(getThing, { id: 1 })));
  }

  end(): void {
    this.watcher?.close();
  }
}
