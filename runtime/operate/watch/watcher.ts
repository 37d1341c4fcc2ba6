import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { sharedState } from '../../call/shared/shared-state.js';
import { type Clock, systemClock, type TimerHandle } from '../../clock.js';
import type { BreakersConfig } from '../../config/breakers-config.js';
import type { KnownOperations } from '../../config/check-names.js';
import { DiagnosticError } from '../../config/diagnostic.js';
import { planPolicies, servicesIn } from '../../config/live/circuit-policies.js';
import { type LoadResult, parseBytes, unreadable } from '../../config/load.js';
import { diagnostic } from '../../config/source.js';
import { ALL_CIRCUITS, dispose, type FuselineEvent } from '../../observe/events.js';
import { type ConfigFile, fileOnDisk } from './config-file.js';
import { changedServices, governedBy } from './governed.js';
import { type Watched, type WatchOptions, watched } from './options.js';

/** What was found at one look. Equal keys: the same text, or the same reason why there is none. */
interface Look {
  readonly key: string;
  /** Undefined where there is no text; why not is found out only if it stays so. */
  readonly result: LoadResult | undefined;
  readonly cause?: unknown;
}

/** Follows a file until closed. Made by `watchBreakers`. */
export class BreakerWatcher {
  /** Settles, and never rejects, when the file was read for the first time: it holds then, or was refused. */
  readonly ready: Promise<void>;
  readonly #options: WatchOptions;
  readonly #watched: Watched;
  readonly #clock: Clock;
  readonly #shown: string;
  readonly #path: string;
  readonly #source: ConfigFile;
  readonly #watch: { close(): void };
  #config: BreakersConfig | undefined;
  #error: DiagnosticError | undefined;
  /** Key of what was last accepted or refused. */
  #judged: string | undefined;
  /** Key of a faulty file that may be half written: refused if it is still the same at the next look. */
  #suspect: string | undefined;
  #timer: TimerHandle | undefined;
  #poll: TimerHandle | undefined;
  #looks: Promise<void> = Promise.resolve();
  #closed = false;

  /** @throws {ConfigurationError} where an option is out of range. */
  constructor(options: WatchOptions) {
    this.#options = options;
    this.#watched = watched(options);
    this.#clock = options.clock ?? systemClock;
    this.#shown = options.file.replaceAll('\\', '/');
    this.#path = resolve(options.cwd ?? process.cwd(), options.file);
    this.#source = options.source ?? fileOnDisk(this.#path);
    this.#watch = this.#source.watch(() => this.#lookSoon());
    this.ready = this.check();
    this.#pollLater();
  }

  /** What holds: the last file that could be used; undefined before the first. */
  get config(): BreakersConfig | undefined {
    return this.#config;
  }

  /** Why the file as it is now cannot be used; undefined where it holds. */
  get error(): DiagnosticError | undefined {
    return this.#error;
  }

  /** Reads the file now, without waiting for it to be left alone: for a signal, or an admin's button. Never rejects. */
  check(): Promise<void> {
    return this.#enqueue(true);
  }

  /** Ends the watching. What holds goes on to hold. Safe to call twice. */
  close(): void {
    this.#closed = true;
    this.#watch.close();
    for (const timer of [this.#timer, this.#poll]) if (timer !== undefined) this.#clock.clearTimeout(timer);
  }

  [dispose](): void {
    this.close();
  }

  #lookSoon(): void {
    if (this.#closed) return;
    // Counted from the last sign of a change: a writer who is at it is left to finish.
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#enqueue(false);
    }, this.#watched.settleMs);
    this.#timer.unref?.();
  }

  #pollLater(): void {
    const { pollMs } = this.#watched;
    if (pollMs === null) return;
    this.#poll = this.#clock.setTimeout(() => {
      this.#enqueue(false);
      this.#pollLater();
    }, pollMs);
    this.#poll.unref?.();
  }

  /** One look at a time, so that an older text never replaces a newer one. */
  #enqueue(decided: boolean): Promise<void> {
    this.#looks = this.#looks.then(() => this.#look(decided));
    return this.#looks;
  }

  async #look(decided: boolean): Promise<void> {
    if (this.#closed) return;
    const look = await this.#read();
    if (this.#closed) return;
    if (look === undefined) {
      this.#suspect = undefined;
      return;
    }
    const { key } = look;
    if (look.result?.config === undefined && !decided && this.#suspect !== key) {
      this.#suspect = key;
      this.#lookSoon();
      return;
    }
    this.#suspect = undefined;
    this.#judged = key;
    const result = look.result ?? { config: undefined, diagnostics: [await unreadable(this.#shown, this.#path, look.cause)] };
    if (this.#closed) return;
    if (result.config === undefined) this.#refuse(new DiagnosticError(result.diagnostics.filter(({ severity }) => severity === 'error')));
    else this.#accept(result.config, result);
  }

  /** Undefined where the file is what was judged last. */
  async #read(): Promise<Look | undefined> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#source.read();
    } catch (cause) {
      const key = `no text: ${cause instanceof Error && 'code' in cause ? cause.code : cause}`;
      return key === this.#judged ? undefined : { key, result: undefined, cause };
    }
    const key = createHash('sha256').update(bytes).digest('hex');
    if (key === this.#judged) return undefined;
    const { clients, registries } = this.#watched;
    const servicesInUse = [...clients.map(({ service }) => service), ...registries.flatMap(servicesIn)].map(({ name }) => name);
    return { key, result: parseBytes(bytes, this.#shown, { servicesInUse, knownOperations: (service) => this.#operations(service) }) };
  }

  #operations(service: string): KnownOperations | undefined {
    const operations = this.#watched.clients.flatMap((client) => (client.service.name === service ? client.operations : []));
    // A client made without a list of its operations has any.
    return operations.length === 0 ? undefined : { namespaces: [...new Set(operations.map(({ namespace }) => namespace))], operations };
  }

  #accept(config: BreakersConfig, { diagnostics }: LoadResult): void {
    const { registries, clients } = this.#watched;
    const inUse = [...new Set([...clients.map(({ service }) => service), ...registries.flatMap(servicesIn)])];
    const services = changedServices(this.#config, config, inUse);
    const of = governedBy(config);
    try {
      // Every plan before any change: all registries follow, or none.
      const plans = registries.map((registry) => planPolicies(registry, of));
      const commit = registries.reduceRight(
        (inner, registry) => () => registry.events.together(inner),
        () => {
          for (const put of plans) put();
        },
      );
      commit();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#refuse(new DiagnosticError([diagnostic(this.#shown, { code: 'contradicts-a-client', message })]));
      return;
    }
    this.#config = config;
    this.#error = undefined;
    for (const registry of registries) sharedState(registry).reloads.applied++;
    this.#emit((at) => ({ type: 'config_reloaded', circuit: ALL_CIRCUITS, service: ALL_CIRCUITS, at, file: this.#shown, services }));
    const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
    tell(this.#options.onReload, { file: this.#shown, config, services, warnings });
  }

  #refuse(error: DiagnosticError): void {
    this.#error = error;
    for (const registry of this.#watched.registries) sharedState(registry).reloads.rejected++;
    const code = error.diagnostics[0]?.code ?? 'unusable';
    const reason = error.message;
    this.#emit((at) => ({ type: 'config_rejected', circuit: ALL_CIRCUITS, service: ALL_CIRCUITS, at, file: this.#shown, code, reason }));
    tell(this.#options.onError, error);
  }

  #emit(event: (at: number) => FuselineEvent): void {
    for (const { events } of this.#watched.registries) if (!events.silent) events.emit(event(this.#clock.wallNow()));
  }
}

/** Whoever is told must not break what tells. */
function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    const returned: unknown = listener?.(value);
    if (typeof returned === 'object' && returned !== null && 'then' in returned) Promise.resolve(returned).catch(() => undefined);
  } catch {
    // Dropped on purpose, see WatchOptions.
  }
}
