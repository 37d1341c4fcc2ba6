import { type AlertRules, type ResolvedRules, RULE_DEFAULTS, type RuleValues } from '../../runtime/config/alert-types.js';
import { type BreakersConfig, explainService } from '../../runtime/config/index.js';
import type { PolicyValues } from '../../runtime/config/types.js';

/** The configuration of one service, as far as people on call need it. */
export interface ServicePlan {
  readonly name: string;
  /** The failures that open the circuit: `3 failures in a row`. */
  readonly opensAfter: string;
  readonly recoveryTimeoutMs: number;
  readonly successThreshold: number;
  /** The limit of one attempt. Null: no limit. */
  readonly timeoutMs: number | null;
  /** False if all calls pass. */
  readonly enabled: boolean;
  readonly rules: ResolvedRules;
}

/** The input of dashboards and rules. */
export interface OpsPlan {
  /** The breaker YAML's name in messages. */
  readonly file: string;
  /** Put before the name of every metric. */
  readonly prefix: string;
  /** In file order. */
  readonly services: readonly ServicePlan[];
  /** The rules of services that the file does not name. */
  readonly otherRules: ResolvedRules;
  readonly runbookUrl: string | undefined;
  readonly dashboardUrl: string | undefined;
}

/**
 * Makes the plan. Does not read environment variables, so that the same file gives the same output everywhere. `generated` returns the file with which
 * the client of a service was generated if `config` is a layer over it.
 */
export function planOf(
  config: BreakersConfig,
  environment: string | undefined,
  prefix: string,
  generated: (service: string) => BreakersConfig | undefined = () => undefined,
): OpsPlan {
  const alerts = config.alerts(environment);
  return {
    file: config.file,
    prefix,
    services: [...config.services.keys()].map((name) =>
      servicePlan(config, name, { environment, generated: generated(name) }, alerts?.services[name] ?? alerts?.rules),
    ),
    otherRules: resolved(alerts?.rules),
    runbookUrl: alerts?.runbookUrl,
    dashboardUrl: alerts?.dashboardUrl,
  };
}

function servicePlan(
  config: BreakersConfig,
  name: string,
  query: { readonly environment: string | undefined; readonly generated: BreakersConfig | undefined },
  rules: AlertRules | undefined,
): ServicePlan {
  const policy = Object.fromEntries(explainService(config, name, { ...query, env: {} }).map(({ key, value }) => [key, value]));
  const { enabled, recoveryTimeoutMs, successThreshold, timeoutMs } = policy as unknown as PolicyValues;
  return {
    name,
    opensAfter: opensAfter(policy as unknown as PolicyValues),
    recoveryTimeoutMs,
    successThreshold,
    timeoutMs,
    enabled,
    rules: resolved(rules),
  };
}

function opensAfter(policy: PolicyValues): string {
  const { windowEnabled, windowType, windowSize, windowMs, failureThreshold, failureThresholdCounts } = policy;
  const inARow = failureThreshold === 1 ? 'the first failure' : `${failureThreshold} failures in a row`;
  if (!windowEnabled) return inARow;
  const span = windowType === 'count' ? `the last ${windowSize} attempts` : `the attempts of the last ${shortDuration(windowMs)}`;
  const rates = [
    [policy.failureRateThreshold, 'failed'],
    [policy.slowCallMs === null ? null : policy.slowCallRateThreshold, 'were slow'],
    [policy.failureOrSlowRateThreshold, 'failed or were slow'],
  ] as const;
  const parts = rates.flatMap(([share, what]) => (share === null ? [] : [`${percent(share)} of ${span} ${what}`]));
  if (failureThresholdCounts === 'consecutive') parts.push(inARow);
  if (failureThresholdCounts === 'window') parts.push(`${failureThreshold} of ${span} failed`);
  return parts.join(', or ');
}

/** Completes rules with their defaults. */
function resolved(rules: AlertRules | undefined): ResolvedRules {
  const names = Object.keys(RULE_DEFAULTS) as readonly (keyof RuleValues)[];
  return Object.fromEntries(
    names.map((name) => {
      const given = rules?.[name];
      return [name, given === false ? false : { ...RULE_DEFAULTS[name], ...(typeof given === 'object' ? given : {}) }];
    }),
  ) as unknown as ResolvedRules;
}

/** Returns `1.5 s`, `5 min`, `2 h`. */
export function shortDuration(ms: number): string {
  const [size, unit] = (
    [
      [3_600_000, 'h'],
      [60_000, 'min'],
      [1_000, 's'],
    ] as const
  ).find(([size]) => ms >= size && ms % size === 0) ?? [1_000, 's'];
  return `${ms / size} ${unit}`;
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))} %`;
}
