import type { FuselineEvent } from '../../observe/events.js';

/** An event as a flat record with the guides' names: `event`, `circuit_breaker`, `old_state`, `failure_count`, `recovery_timeout`. */
export type LogRecord = Readonly<Record<string, string | number | boolean | undefined>>;

/** Fields with another name in the record. */
const NAMES: Readonly<Record<string, string>> = { type: 'event', circuit: 'circuit_breaker' };

/**
 * Returns the record of an event. Names are snake case, durations are seconds (`recoveryTimeoutMs` becomes `recovery_timeout`), times are ISO 8601 (`at`
 * becomes `timestamp`), and a list is one text. Undefined fields are left out.
 */
export function logRecord(event: FuselineEvent): LogRecord {
  const record: Record<string, string | number | boolean | undefined> = {};
  for (const [key, value] of Object.entries(event) as readonly [string, unknown][]) {
    if (value === undefined) continue;
    if (key === 'at') record['timestamp'] = new Date(value as number).toISOString();
    else if (key.endsWith('Ms') && typeof value === 'number') record[snake(key.slice(0, -2))] = value / 1000;
    else if (Array.isArray(value)) record[NAMES[key] ?? snake(key)] = value.join(', ');
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') record[NAMES[key] ?? snake(key)] = value;
  }
  // The values have the unit of the setting, so they are converted in the same way.
  if ('setting' in event && event.setting.endsWith('Ms')) {
    const { setting, oldValue, newValue } = event;
    Object.assign(record, { setting: setting.slice(0, -2), old_value: oldValue / 1000, new_value: newValue / 1000 });
  }
  if ('setting' in event) record['setting'] = snake(String(record['setting']));
  return record;
}

function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
