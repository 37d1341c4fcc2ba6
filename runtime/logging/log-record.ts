import type { FuselineEvent } from '../observe/events.js';

/** An event as a flat record with the guides' names: `event`, `circuit_breaker`, `old_state`, `failure_count`, `recovery_timeout`. */
export type LogRecord = Readonly<Record<string, string | number | boolean | undefined>>;

/** Fields whose name is another. */
const NAMES: Readonly<Record<string, string>> = { type: 'event', circuit: 'circuit_breaker' };

/**
 * The record of an event: snake case, durations in seconds (`recoveryTimeoutMs` is `recovery_timeout`), times ISO 8601 (`at` is
 * `timestamp`). What an event lacks is left out.
 */
export function logRecord(event: FuselineEvent): LogRecord {
  const record: Record<string, string | number | boolean | undefined> = {};
  for (const [key, value] of Object.entries(event) as readonly [string, unknown][]) {
    if (value === undefined) continue;
    if (key === 'at') record['timestamp'] = new Date(value as number).toISOString();
    else if (key.endsWith('Ms') && typeof value === 'number') record[snake(key.slice(0, -2))] = value / 1000;
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') record[NAMES[key] ?? snake(key)] = value;
  }
  return record;
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
