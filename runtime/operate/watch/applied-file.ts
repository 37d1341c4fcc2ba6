import { sharedState } from '../../call/shared/shared-state.js';
import type { Clock } from '../../clock.js';
import type { BreakersConfig } from '../../config/breakers-config.js';
import { DiagnosticError } from '../../config/diagnostic.js';
import type { KnownOperations } from '../../config/known-operations.js';
import { noteLoad } from '../../config/last-load.js';
import { planPolicies, servicesIn } from '../../config/live/circuit-policies.js';
import { type LoadResult, parseBytes } from '../../config/load.js';
import { diagnostic } from '../../config/source.js';
import type { ServiceSettings } from '../../config/types.js';
import { messageOfThrown } from '../../errors/thrown-value.js';
import { ALL_CIRCUITS, type FuselineEvent } from '../../observe/events.js';
import { changedServices, governedBy } from './governed.js';
import type { Reload, Target } from './options.js';
import { withResultChecks } from './result-checks.js';
import { warnOfUnusedServices, withUnusedServices } from './unused-services.js';

/** A breaker YAML and the clients that it applies to. Checks a text and puts it in force. Its owner decides when and how often. */
export class AppliedFile {
  readonly #target: Target;
  readonly #shown: string;
  readonly #clock: Clock;
  #config: BreakersConfig | undefined;
  #error: DiagnosticError | undefined;

  /** `shown` is the file's name in messages and events. */
  constructor(shown: string, target: Target, clock: Clock) {
    this.#shown = shown;
    this.#target = target;
    this.#clock = clock;
  }

  /** The configuration that was put in force last. Undefined before the first one. */
  get config(): BreakersConfig | undefined {
    return this.#config;
  }

  /** Why the last text could not be used; undefined if it is in force. */
  get error(): DiagnosticError | undefined {
    return this.#error;
  }

  /** Checks a text against the clients, and changes nothing. */
  async parse(bytes: Uint8Array): Promise<LoadResult> {
    const services = new Map(this.#services().map((service) => [service.name, service]));
    const parsed = parseBytes(bytes, this.#shown, {
      servicesInUse: services.keys(),
      knownOperations: (service) => this.#operations(service),
      generated: (service) => services.get(service)?.policies,
    });
    return withResultChecks(withUnusedServices(parsed, services.keys()), services.values());
  }

  /**
   * Puts a text that was read in force for all clients, or for none, and emits the event that says which.
   *
   * @throws {DiagnosticError} if the text has errors, or contradicts the options of a client
   */
  apply(result: LoadResult): Reload {
    const { config, diagnostics } = noteLoad(result);
    if (config === undefined) throw this.#rejected(new DiagnosticError(diagnostics.filter(({ severity }) => severity === 'error')));
    const { registries } = this.#target;
    const services = changedServices(this.#config, config, this.#services());
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
      const message = messageOfThrown(error);
      throw this.#rejected(new DiagnosticError([diagnostic(this.#shown, { code: 'contradicts-a-client', message })]));
    }
    this.#config = config;
    this.#error = undefined;
    for (const registry of registries) sharedState(registry).reloads.applied++;
    this.#emit((at) => ({ type: 'config_reloaded', circuit: ALL_CIRCUITS, service: ALL_CIRCUITS, at, file: this.#shown, services }));
    const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
    warnOfUnusedServices(warnings);
    return { file: this.#shown, config, services, warnings };
  }

  #rejected(error: DiagnosticError): DiagnosticError {
    this.#error = error;
    for (const registry of this.#target.registries) sharedState(registry).reloads.rejected++;
    const code = error.diagnostics[0]?.code ?? 'unusable';
    const reason = error.message;
    this.#emit((at) => ({ type: 'config_rejected', circuit: ALL_CIRCUITS, service: ALL_CIRCUITS, at, file: this.#shown, code, reason }));
    return error;
  }

  #services(): readonly ServiceSettings[] {
    const { clients, registries } = this.#target;
    return [...new Set([...clients.map(({ service }) => service), ...registries.flatMap(servicesIn)])];
  }

  #operations(name: string): KnownOperations | undefined {
    const operations = this.#target.clients.flatMap((client) => (client.service.name === name ? client.operations : []));
    // A client made without a list of its operations has any.
    if (operations.length === 0) return undefined;
    return { namespaces: [...new Set(operations.map(({ namespace }) => namespace))], operations };
  }

  #emit(event: (at: number) => FuselineEvent): void {
    for (const { events } of this.#target.registries) if (!events.silent) events.emit(event(this.#clock.wallNow()));
  }
}
