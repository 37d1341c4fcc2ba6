import type { AlertSettings } from './alert-types.js';
import type { Diagnostic } from './diagnostic.js';
import type { LayerPlaces } from './normalize.js';
import type { YamlPath } from './pointer.js';
import type { ConfigSource, Finding, Position } from './source.js';
import type { PolicyLayer, ServicePolicies } from './types.js';

/** A name of a resource or an operation in the file. */
export interface NameUse {
  readonly kind: 'resource' | 'operation';
  readonly name: string;
  readonly environment: string | undefined;
  readonly path: YamlPath;
}

/** The settings of the file for one service. */
export interface ServiceConfig {
  readonly name: string;
  /** The settings as plain data, ready to be embedded in generated code. */
  readonly policies: ServicePolicies;
  /** Paths of the OpenAPI documents, relative to the file's folder. Undefined: the documents in the default folder. */
  readonly specs: readonly string[] | undefined;
  /** If true, faults in the documents are repaired and reported. */
  readonly repair: boolean;
  /** Maps `METHOD /path` to `namespace.name`. */
  readonly names: Readonly<Record<string, string>>;
  /** The places at which the file names this service: below `circuit_breaker.services`, then in environments. */
  readonly namedAt: readonly YamlPath[];
  /** The resources and operations that the file names, in file order. */
  readonly uses: readonly NameUse[];
  /** Returns the position of a value of this service. `path` is relative to the service; `[]` is the service itself. Default of `anchor`: `key`. */
  locate(path: YamlPath, anchor?: 'key' | 'value'): Position | undefined;
  /** Returns a diagnostic at that position, with its frame. */
  diagnose(path: YamlPath, finding: Finding, anchor?: 'key' | 'value'): Diagnostic;
}

/** A breaker YAML that was read. */
export interface BreakersConfig {
  /** The path as the user gave it, with forward slashes. */
  readonly file: string;
  /** `circuit_breaker.enabled`. Default true. */
  readonly enabled: boolean;
  /** The services by name, in file order. */
  readonly services: ReadonlyMap<string, ServiceConfig>;
  /** Names of the `environments` blocks, in file order. */
  readonly environments: readonly string[];
  /** Returns the entry of a service. If the file does not name the service, the entry contains only the `defaults`. */
  service(name: string): ServiceConfig;
  /** Returns the `alerts` block, overridden by that of an environment. Undefined if the file has neither. */
  alerts(environment?: string): AlertSettings | undefined;
  /** Returns the places at which the values of a layer are set. Undefined for layers that are not from the file. */
  placesOf(layer: PolicyLayer): LayerPlaces | undefined;
  /** Advice about valid input, such as keys with old names. `fuseline validate` shows it. */
  readonly hints: readonly Diagnostic[];
  readonly source: ConfigSource;
}
