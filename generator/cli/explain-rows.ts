import type { ExplainedSetting } from '../../runtime/config/index.js';
import type { PolicyValues } from '../../runtime/config/types.js';

/** Policies that are off by default: the setting that turns each off, and the value that means off. */
const SWITCHES: { readonly [P in string]: readonly [keyof PolicyValues, unknown] } = {
  sliding_window: ['windowEnabled', false],
  reopen_backoff: ['reopenBackoffEnabled', false],
  ramp: ['rampEnabled', false],
  adaptive: ['adaptiveEnabled', false],
  bulkhead: ['bulkheadMaxConcurrent', null],
  rate_limit: ['rateLimitEnabled', false],
  coalesce: ['coalesce', false],
};

/** The rows of an explanation that are shown. */
export interface ShownRows {
  readonly rows: readonly ExplainedSetting[];
  /** Policies that are off. Of their settings, only explicit ones are shown. */
  readonly off: readonly string[];
}

/** Removes the settings of policies that are off, because they have no effect. Explicit settings stay. */
export function withoutOff(rows: readonly ExplainedSetting[]): ShownRows {
  const values = new Map(rows.map(({ key, value }) => [key, value]));
  const off = Object.keys(SWITCHES).filter((policy) => {
    const [key, value] = SWITCHES[policy] ?? [];
    return key !== undefined && values.get(key) === value;
  });
  const hidden = (row: ExplainedSetting): boolean => row.origin === 'built-in default' && off.includes(row.yamlKey.split('.')[0] ?? '');
  return { rows: rows.filter((row) => !hidden(row)), off };
}
