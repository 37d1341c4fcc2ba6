import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import { unknownName } from '../../errors/known-options.js';
import { givenOptions, type OptionTable } from '../../errors/option-table.js';
import type { EventListener } from '../../observe/event-hub.js';
import type { FuselineEvent } from '../../observe/events.js';
import type { Subscription } from '../../observe/subscription.js';
import { CURRENT, userObject } from '../../user-code.js';
import { type LogRecord, logRecord } from './log-record.js';

const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** The methods that a logger needs. console, pino, winston and bunyan have them. */
export type Logger = { readonly [L in LogLevel]: (record: LogRecord, message: string) => void };

export interface LogEventsOptions {
  /**
   * The level of each type of event; `false` logs none. By default, an opening and a refused configuration are `error`, a failure and a forced state
   * `warn`, recoveries and reloads `info`, and the rest `debug`.
   */
  readonly levels?: { readonly [T in FuselineEvent['type']]?: LogLevel | false };
}

/** The default levels. Refusals and retries are `debug`: an outage has thousands of them, and they repeat what the opening says. */
const LEVELS: { readonly [T in FuselineEvent['type']]: LogLevel } = {
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
  token_refreshed: 'info',
  token_refresh_failed: 'warn',
  config_reloaded: 'info',
  config_rejected: 'error',
};

const OPTIONS: OptionTable<LogEventsOptions> = { levels: checkLevels };

function checkLevels(option: string, levels: unknown): void {
  for (const [type, level] of Object.entries(givenObject(option, levels) as Readonly<Record<string, unknown>>)) {
    if (!Object.hasOwn(LEVELS, type))
      throw unknownName(`${option}.${type}`, 'not a type of event', type, Object.keys(LEVELS), 'a type of event');
    if (level !== undefined && level !== false && !LOG_LEVELS.includes(level as LogLevel))
      throw new ConfigurationError(`${option}.${type}`, level, "'debug', 'info', 'warn', 'error' or false");
  }
}

/**
 * Writes the events of a registry, a circuit or a client to a logger, as `logger.error({ event: 'circuit_opened', circuit_breaker: 'ghl',
 * ... }, 'circuit_opened ghl')`, until unsubscribed. The logger runs in the async context of the call that caused the event. Its errors are dropped.
 *
 * @throws {ConfigurationError} if the logger lacks a level, or an option cannot work.
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
  const { levels } = givenOptions('logEvents', options, OPTIONS);
  // A copy without a prototype: what some code adds to `Object.prototype` is no level.
  const own: NonNullable<LogEventsOptions['levels']> = Object.assign(Object.create(null), levels);
  const given = userObject(logger);
  return CURRENT.invoke(userObject(source), 'subscribe', (event) => {
    const level = own[event.type] ?? LEVELS[event.type];
    // Called on the logger, because pino's methods need their `this`. Returned, because the hub drops the rejection of an async one.
    return level === false ? undefined : CURRENT.invoke(given, level, logRecord(event), `${event.type} ${event.circuit}`);
  });
}
