import { MAX_TIMER_MS } from '../../clock.js';
import { type AlertRules, type AlertSeverity, type ResolvedRules, RULE_DEFAULTS, type RuleValues } from '../../config/alert-types.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import { type Names, refuseUnknown } from '../../errors/known-options.js';

const SEVERITIES: readonly AlertSeverity[] = ['critical', 'warning', 'info'];
const NAMES: Names = new Set(Object.keys(RULE_DEFAULTS));
const RULES = Object.keys(RULE_DEFAULTS) as readonly (keyof RuleValues)[];

/**
 * Merges layers over the defaults. Later layers override earlier ones. `false` switches a rule off and keeps its values; `true` in a later layer
 * switches it on with these values.
 *
 * @throws {ConfigurationError} with the rule, the value and the range.
 */
export function resolveRules(...layers: readonly (AlertRules | undefined)[]): ResolvedRules {
  for (const layer of layers) checkNames(layer);
  const resolved = RULES.map((rule) => {
    let on = true;
    let values: Readonly<Record<string, unknown>> = RULE_DEFAULTS[rule];
    for (const layer of layers) {
      const given: unknown = layer?.[rule];
      if (given === undefined) continue;
      if (typeof given === 'object' && given !== null) {
        const set = Object.entries(given).filter(([, value]) => value !== undefined);
        values = { ...values, ...Object.fromEntries(set) };
      } else if (typeof given !== 'boolean') throw new ConfigurationError(`rules.${rule}`, given, 'true, false or an object of its values');
      on = given !== false;
    }
    checkValues(rule, values);
    return [rule, on && values];
  });
  return Object.fromEntries(resolved) as unknown as ResolvedRules;
}

function checkNames(layer: AlertRules | undefined): void {
  if (layer === undefined) return;
  refuseUnknown('the rules', givenObject('rules', layer, 'an object of rules'), NAMES, 'rules.');
}

/**
 * Returns a copy of rules that are read again later, when a service gets its first circuit. It has no prototype, so what some code adds to
 * `Object.prototype` until then is no rule.
 *
 * @throws {ConfigurationError} if the rules are not an object of known rules.
 */
export function takenRules(layer: AlertRules | undefined): AlertRules | undefined {
  if (layer === undefined) return undefined;
  checkNames(layer);
  const taken: { -readonly [K in keyof AlertRules]: AlertRules[K] } = Object.create(null);
  for (const rule of RULES) if (layer[rule] !== undefined) Object.assign(taken, { [rule]: layer[rule] });
  return taken;
}

type Check = readonly [valid: (value: unknown) => boolean, expected: string];

const duration: Check = [
  (value) => typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS,
  `milliseconds, more than 0 and at most ${MAX_TIMER_MS}`,
];

const CHECKS: Readonly<Record<string, Check>> = {
  severity: [(value) => SEVERITIES.includes(value as AlertSeverity), "'critical', 'warning' or 'info'"],
  afterMs: duration,
  windowMs: duration,
  below: [(value) => typeof value === 'number' && value > 0 && value <= 1, 'a share above 0, up to 1'],
  minimumCalls: [(value) => Number.isSafeInteger(value) && (value as number) >= 1, 'a whole number, 1 or more'],
};

function checkValues(rule: keyof RuleValues, values: Readonly<Record<string, unknown>>): void {
  refuseUnknown(`the rule ${rule}`, values, new Set(Object.keys(RULE_DEFAULTS[rule])), `rules.${rule}.`);
  for (const [key, value] of Object.entries(values)) {
    const check = CHECKS[key];
    if (check !== undefined && !check[0](value)) throw new ConfigurationError(`rules.${rule}.${key}`, value, check[1]);
  }
}

export function isSeverity(value: unknown): value is AlertSeverity {
  return SEVERITIES.includes(value as AlertSeverity);
}
