import { resolve } from 'node:path';
import { type ClientInternals, clientInternals, type ServiceClient } from '../../call/client/service-client.js';
import { type Clock, MAX_TIMER_MS } from '../../clock.js';
import type { BreakersConfig } from '../../config/breakers-config.js';
import type { Diagnostic, DiagnosticError } from '../../config/diagnostic.js';
import { text } from '../../errors/checks.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenMethods } from '../../errors/given.js';
import { checkedLater, givenOptions, type OptionTable } from '../../errors/option-table.js';
import { givenRegistry } from '../../policies/circuit-breaker/given-registry.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { ConfigFile } from './config-file.js';

/** What was put in force. */
export interface Reload {
  readonly file: string;
  readonly config: BreakersConfig;
  /** Services whose settings the file changed; none if it says what applied already. */
  readonly services: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** Which file applies, and to which clients. */
export interface ApplyOptions {
  /** The breaker YAML. A relative name is relative to `cwd`. */
  readonly file: string;
  /** Default: the working directory of the process. */
  readonly cwd?: string | undefined;
  /**
   * Clients that follow the file, with all others of their registries. Their operations are known, so that a misspelt one is refused.
   */
  readonly clients?: ServiceClient | readonly ServiceClient[] | undefined;
  /** All clients of this registry follow the file, those made later too. Default: the registries of `clients`, else the process's. */
  readonly registry?: BreakerRegistry | undefined;
  /** Reads the text, instead of a file on disk. `file` is then its name in messages. */
  readonly source?: Pick<ConfigFile, 'read'> | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

/** Which file is watched, and for which clients. */
export interface WatchOptions extends ApplyOptions {
  /** The file was read and is in force. What it throws is dropped. */
  readonly onReload?: ((reload: Reload) => void) | undefined;
  /** The file cannot be used; what was in force still is. Each fault is reported once, not at every look. What it throws is dropped. */
  readonly onError?: ((error: DiagnosticError) => void) | undefined;
  /** How long the file must be left alone before it is read, in milliseconds; a faulty one is read twice, as far apart. Default 100. */
  readonly settleMs?: number | undefined;
  /** The file is looked at this often in any case, in milliseconds, for where the system reports no changes; `null` for never. Default 10,000. */
  readonly pollMs?: number | null | undefined;
  /** Reads the text and reports its changes, instead of a file on disk. */
  readonly source?: ConfigFile | undefined;
}

const WATCH_DEFAULTS = { settleMs: 100, pollMs: 10_000 } as const;

/** The clients that a file applies to. */
export interface Target {
  readonly clients: readonly ClientInternals[];
  readonly registries: readonly BreakerRegistry[];
}

/** Checked, and with everything that is derived from it. */
export interface Watched extends Target {
  readonly settleMs: number;
  readonly pollMs: number | null;
}

/** Returns the name of the file in messages, and its path. */
export function placeOf({ file, cwd }: ApplyOptions): { readonly shown: string; readonly path: string } {
  return { shown: file.replaceAll('\\', '/'), path: resolve(cwd ?? process.cwd(), file) };
}

const APPLY: OptionTable<ApplyOptions> = {
  file: checkedLater,
  cwd: text,
  clients: checkedLater,
  registry: givenRegistry,
  source: givenMethods('an object with a function read', 'read'),
  clock: givenClock,
};

const WATCH: OptionTable<WatchOptions> = {
  ...APPLY,
  source: givenMethods('an object with the functions read and watch', 'read', 'watch'),
  onReload: givenFunction,
  onError: givenFunction,
  settleMs: (option, value: unknown) => {
    if (typeof value !== 'number' || !(value >= 0 && value <= MAX_TIMER_MS))
      throw new ConfigurationError(option, value, 'milliseconds, 0 or more');
  },
  pollMs: (option, value: unknown) => {
    if (value !== null && (typeof value !== 'number' || !(value >= 1 && value <= MAX_TIMER_MS)))
      throw new ConfigurationError(option, value, 'milliseconds, 1 or more, or null');
  },
};

/** Returns the checked options. @throws {ConfigurationError} naming the option, the value and what it may be. */
export function applyOptions(options: ApplyOptions): ApplyOptions {
  return givenOptions('applyBreakers', options, APPLY);
}

/** Returns the checked options. @throws {ConfigurationError} naming the option, the value and what it may be. */
export function watchOptions(options: WatchOptions): WatchOptions {
  return givenOptions('watchBreakers', options, WATCH);
}

/** @throws {ConfigurationError} naming the option, the value and what it may be. */
export function watched(options: WatchOptions): Watched {
  const { settleMs = WATCH_DEFAULTS.settleMs, pollMs = WATCH_DEFAULTS.pollMs } = options;
  return { ...targetOf(options), settleMs, pollMs };
}

/** @throws {ConfigurationError} naming the option, the value and what it may be. */
export function targetOf({ file, registry, clients: given }: ApplyOptions): Target {
  if (typeof file !== 'string' || file === '') throw new ConfigurationError('file', file, 'the name of a file');
  const clients = [given ?? []].flat().map((client) => clientInternals(client));
  const registries = new Set([...(registry === undefined ? [] : [registry]), ...clients.map((client) => client.registry)]);
  return { clients, registries: registries.size === 0 ? [defaultRegistry] : [...registries] };
}
