import type { AlertSettings } from './alert-types.js';
import type { Diagnostic } from './diagnostic.js';
import type { LayerPlaces } from './normalize.js';
import type { YamlPath } from './pointer.js';
import type { ConfigSource, Finding, Position } from './source.js';
import type { PolicyLayer, ServicePolicies } from './types.js';

/** A name that the file gives to a resource or an operation. */
export interface NameUse {
  readonly kind: 'resource' | 'operation';
  readonly name: string;
  readonly environment: string | undefined;
  readonly path: YamlPath;
}

/** The settings of the file for one service. */
export interface ServiceConfig {
  readonly name: string;
  /** Ready to be embedded in generated code: plain data. */
  readonly policies: ServicePolicies;
  /** OpenAPI documents, relative to the file's folder; undefined: the ones of the default place. */
  readonly specs: readonly string[] | undefined;
  /** True: faults of the documents are repaired and reported. */
  readonly repair: boolean;
  /** `METHOD /path` to `namespace.name`. */
  readonly names: Readonly<Record<string, string>>;
  /** Where the file names this service: below `circuit_breaker.services`, then in environments. */
  readonly namedAt: readonly YamlPath[];
  /** Resources and operations that the file names, in file order. */
  readonly uses: readonly NameUse[];
  /** Where a value of this service stands, by its path below the service; `[]` is the service itself. `anchor` default: the key. */
  locate(path: YamlPath, anchor?: 'key' | 'value'): Position | undefined;
  /** A diagnostic there, with its frame. */
  diagnose(path: YamlPath, finding: Finding, anchor?: 'key' | 'value'): Diagnostic;
}

/** The breaker YAML as read. */
export interface BreakersConfig {
  /** As the user gave it, with forward slashes. */
  readonly file: string;
  /** `circuit_breaker.enabled`, true where it is not set. */
  readonly enabled: boolean;
  /** In file order. */
  readonly services: ReadonlyMap<string, ServiceConfig>;
  /** Names of the `environments` blocks, in file order. */
  readonly environments: readonly string[];
  /** Returns a service's entry. For a service that the file does not name, the entry has the `defaults` alone. */
  service(name: string): ServiceConfig;
  /** The `alerts` block, with that of an environment over it. Undefined if the file has no such block. */
  alerts(environment?: string): AlertSettings | undefined;
  /** Where the values of a layer were set; undefined for layers that are not from the file. */
  placesOf(layer: PolicyLayer): LayerPlaces | undefined;
  /** Advice about what works as it is, such as keys by old names; `fuseline validate` shows it. */
  readonly hints: readonly Diagnostic[];
  readonly source: ConfigSource;
}
