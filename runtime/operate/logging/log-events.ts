import { ConfigurationError } from '../../errors/configuration-error.js';
import type { EventListener, FuselineEvent, Subscription } from '../../observe/events.js';
import { CURRENT, userObject } from '../../user-code.js';
import { type LogRecord, logRecord } from './log-record.js';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is needed of a logger: console has it, pino has it, winston and bunyan have it. */
export type Logger = { readonly [L in LogLevel]: (record: LogRecord, message: string) => void };

export interface LogEventsOptions {
  /** Level by event type, `false` for none. Default: an opening and a refused configuration are `error`, a failure or a circuit held open `warn`, recoveries and reloads `info`, the rest `debug`. */
  readonly levels?: { readonly [T in FuselineEvent['type']]?: LogLevel | false };
}

/** Refusals and retries come by the thousand in an outage, and say nothing that the opening did not. */
const LEVELS: { readonly [T in FuselineEvent['type']]?: LogLevel } = {
  circuit_opened: 'error',
  circuit_forced_open: 'warn',
  circuit_half_open: 'info',
  circuit_closed: 'info',
  circuit_forced_closed: 'warn',
  circuit_metrics_only: 'info',
  call_failed: 'warn',
  call_rejected: 'debug',
  call_limited: 'debug',
  fallback_used: 'info',
  retry_scheduled: 'debug',
  threshold_proposed: 'info',
  threshold_adapted: 'info',
  shared_state_unavailable: 'warn',
  shared_state_available: 'info',
  config_reloaded: 'info',
  config_rejected: 'error',
};

/**
 * Writes the events of a registry, a circuit or a client to a logger, as `logger.error({ event: 'circuit_opened', circuit_breaker: 'ghl',
 * ... }, 'circuit_opened ghl')`, until unsubscribed. A logger that throws changes no call.
 *
 * @throws {ConfigurationError} where the logger lacks a level, or an option cannot work.
 * @example
 * const logging = logEvents(defaultRegistry, pino());
 * // Later: `logging.unsubscribe()` ends it.
 */
export function logEvents(
  source: { subscribe(listener: EventListener): Subscription },
  logger: Logger,
  options: LogEventsOptions = {},
): Subscription {
  if (typeof source?.subscribe !== 'function') throw new ConfigurationError('source', source, 'a registry, a circuit or a client');
  for (const level of LOG_LEVELS) {
    if (typeof logger?.[level] !== 'function') throw new ConfigurationError(`logger.${level}`, logger?.[level], 'a function');
  }
  const levels: Readonly<Record<string, LogLevel | false | undefined>> = { ...LEVELS, ...options.levels };
  for (const [type, level] of Object.entries(levels)) {
    if (level !== undefined && level !== false && !LOG_LEVELS.includes(level))
      throw new ConfigurationError(`levels.${type}`, level, "'debug', 'info', 'warn', 'error' or false");
  }
  const given = userObject(logger);
  return CURRENT.invoke(userObject(source), 'subscribe', (event) => {
    const level = levels[event.type] ?? 'debug';
    // Called on the logger, because pino's methods need their `this`. Returned, because the hub drops the rejection of an async one.
    return level === false ? undefined : CURRENT.invoke(given, level, logRecord(event), `${event.type} ${event.circuit}`);
  });
}
