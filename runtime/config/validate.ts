import { BREAKERS_SCHEMA } from './schema.js';
import { type SchemaCheck, schemaCheck } from './schema-check.js';
import { type Advice, schemaFindings, type Validation } from './schema-findings.js';
import { unknownKeyHint } from './unknown-key.js';

export type { PlacedFinding, Validation } from './schema-findings.js';

let check: SchemaCheck | undefined;

/** Checks the data of a breaker YAML against its schema. Returns one finding per invalid value. */
export function validateBreakers(data: unknown): Validation {
  check ??= schemaCheck(BREAKERS_SCHEMA);
  return schemaFindings(check, data, ADVICE);
}

const ADVICE: Advice = {
  unknownKey: unknownKeyHint,
  value(key, found) {
    if (found === 0 && key === 'half_open_max_calls') return 'With no probe the circuit could never close again.';
    if (found === 0 && key === 'failure_threshold') return 'To keep a circuit from opening, set `enabled: false`.';
    if (found === 0 && key.endsWith('timeout_seconds')) return 'For no limit, write `false`.';
    if (key === 'success_threshold' && typeof found === 'number' && found > 1_000)
      return 'A circuit that needs so many probes would hardly ever close again.';
    return undefined;
  },
};
