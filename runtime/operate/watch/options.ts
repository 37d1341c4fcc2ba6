import { type ClientInternals, clientInternals, type ServiceClient } from '../../call/client/service-client.js';
import { type Clock, MAX_TIMER_MS } from '../../clock.js';
import type { BreakersConfig } from '../../config/breakers-config.js';
import type { Diagnostic, DiagnosticError } from '../../config/diagnostic.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import { BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { ConfigFile } from './config-file.js';

/** What was put in force. */
export interface Reload {
  readonly file: string;
  readonly config: BreakersConfig;
  /** Services whose settings the file changed; none where it says what already held. */
  readonly services: readonly string[];
  readonly warnings: readonly Diagnostic[];
}

/** Which file is watched, and for whom. */
export interface WatchOptions {
  /** The breaker YAML; a relative one is relative to `cwd`. */
  readonly file: string;
  /** Default: the process's. */
  readonly cwd?: string | undefined;
  /**
   * Clients that follow the file, with all others of their registries. Their operations are known, so that a misspelt one is refused.
   */
  readonly clients?: ServiceClient | readonly ServiceClient[] | undefined;
  /** All clients of this registry follow the file, those made later too. Default: the registries of `clients`, else the process's. */
  readonly registry?: BreakerRegistry | undefined;
  /** The file was read and holds. What it throws is dropped. */
  readonly onReload?: ((reload: Reload) => void) | undefined;
  /** The file cannot be used; what held before still holds. Each fault is told once, not at every look. What it throws is dropped. */
  readonly onError?: ((error: DiagnosticError) => void) | undefined;
  /** How long the file must be left alone before it is read, in milliseconds; a faulty one is read twice, as far apart. Default 100. */
  readonly settleMs?: number | undefined;
  /** The file is looked at this often in any case, in milliseconds, for where the system reports no changes; `null` for never. Default 10,000. */
  readonly pollMs?: number | null | undefined;
  /** Where the text comes from, instead of a file on disk. */
  readonly source?: ConfigFile | undefined;
  /** For tests. */
  readonly clock?: Clock | undefined;
}

export const WATCH_DEFAULTS = { settleMs: 100, pollMs: 10_000 } as const;

/** Checked, and with everything that is derived from it. */
export interface Watched {
  readonly settleMs: number;
  readonly pollMs: number | null;
  readonly clients: readonly ClientInternals[];
  readonly registries: readonly BreakerRegistry[];
}

/** @throws {ConfigurationError} naming the option, the value and what it may be. */
export function watched(options: WatchOptions): Watched {
  const {
    file,
    registry,
    settleMs = WATCH_DEFAULTS.settleMs,
    pollMs = WATCH_DEFAULTS.pollMs,
  } = givenObject('options of watchBreakers', options);
  if (typeof file !== 'string' || file === '') throw new ConfigurationError('file', file, 'the name of a file');
  if (typeof settleMs !== 'number' || !(settleMs >= 0 && settleMs <= MAX_TIMER_MS))
    throw new ConfigurationError('settleMs', settleMs, 'milliseconds, 0 or more');
  if (pollMs !== null && (typeof pollMs !== 'number' || !(pollMs >= 1 && pollMs <= MAX_TIMER_MS)))
    throw new ConfigurationError('pollMs', pollMs, 'milliseconds, 1 or more, or null');
  if (registry !== undefined && !(registry instanceof BreakerRegistry))
    throw new ConfigurationError('registry', registry, 'a BreakerRegistry');
  const clients = [options.clients ?? []].flat().map((client) => clientInternals(client));
  const registries = new Set([...(registry === undefined ? [] : [registry]), ...clients.map((client) => client.registry)]);
  return { settleMs, pollMs, clients, registries: registries.size === 0 ? [defaultRegistry] : [...registries] };
}
