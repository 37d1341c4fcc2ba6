import { stringify } from 'yaml';
import { type AlertRule, type RuleGroup, ruleGroups } from './alert-rules.js';
import { madeFrom, RULES_FILE } from './alert-rules-file.js';
import { promDuration } from './queries.js';
import type { OpsPlan } from './service-plan.js';

/** The name that the other files refer to. */
export const RULES_TEST_FILE = 'prometheus-alerts.test.yaml';

/** The process whose metrics the tests invent. */
const PROCESS = { instance: 'a:9464', job: 'bot' };
/** A service that no configuration names. */
const OTHER = 'some-other-service';

/** An invented series, and the alerts expected at points of it. */
interface Scenario {
  readonly name: string;
  readonly interval: string;
  /** Values by metric, without the metric's prefix. Labels beyond the common ones are in braces. */
  readonly series: Readonly<Record<string, string>>;
  readonly alert: string;
  /** The times of evaluation, each with the value in the alert's texts. Undefined: no alert. */
  readonly looks: readonly (readonly [at: string, shown: string | undefined])[];
}

/** Writes unit tests of the rules for `promtool test rules`: each alert fires when it must, and not before. */
export function alertTestsFile(plan: OpsPlan): string {
  const groups = ruleGroups(plan);
  const tests = groups.flatMap((group) => {
    const service = plan.services.find(({ name }) => group.name === `fuseline-${name}`);
    const rules = service?.rules ?? plan.otherRules;
    const scenarios = [
      ...outage(rules.circuitOpenLong === false ? 300_000 : rules.circuitOpenLong.afterMs),
      ...rates(rules.lowSuccessRate),
    ];
    return scenarios
      .filter(({ alert }) => group.rules.some((rule) => rule.alert === alert))
      .map((scenario) => unitTest(plan, group, service?.name ?? OTHER, scenario));
  });
  const document = { rule_files: [RULES_FILE], evaluation_interval: '1m', tests };
  return `${madeFrom(plan)}# promtool test rules ${RULES_TEST_FILE}\n\n${stringify(document, { lineWidth: 0, singleQuote: true, aliasDuplicateObjects: false })}`;
}

/** An outage and its end, in minutes: closed, open for two minutes, half-open, closed. */
function outage(openLongMs: number): readonly Scenario[] {
  const minute = '1m';
  const long = openLongMs / 1_000;
  const longer = Math.ceil(long) + 60;
  return [
    {
      name: 'open',
      interval: minute,
      series: { state: '0 1 1 2 0' },
      alert: 'CircuitBreakerOpen',
      looks: [
        ['0m', undefined],
        ['1m', '1'],
        ['2m', '1'],
        ['3m', undefined],
        ['4m', undefined],
      ],
    },
    {
      name: 'half-open',
      interval: minute,
      series: { state: '0 1 1 2 0' },
      alert: 'CircuitBreakerHalfOpen',
      looks: [
        ['2m', undefined],
        ['3m', '1'],
        ['4m', undefined],
      ],
    },
    {
      name: 'open for long',
      interval: minute,
      series: { down_seconds: `0 ${long} ${longer} 0` },
      alert: 'CircuitBreakerOpenLong',
      looks: [
        ['1m', undefined],
        ['2m', humanDuration(longer)],
        ['3m', undefined],
      ],
    },
    {
      name: 'recovered, and forgotten in time',
      interval: minute,
      series: {
        recovery_time_seconds_sum: '0 0 0 42x10',
        recovery_time_seconds_count: '0 0 0 1x10',
        down_seconds: '0 20 80 0x10',
      },
      alert: 'CircuitBreakerRecovered',
      looks: [
        ['2m', undefined],
        ['3m', humanDuration(42)],
        ['9m', undefined],
      ],
    },
    {
      name: 'flapping',
      interval: '10m',
      series: { 'state_transitions_total{from_state="closed",to_state="open"}': '0 1 2 3' },
      alert: 'CircuitBreakerFlapping',
      looks: [
        ['20m', undefined],
        ['30m', ''],
      ],
    },
    {
      name: 'refused by its own limits',
      interval: minute,
      series: {
        'calls_limited_total{operation="contacts.get"}': '0+10x10 100x20',
        'calls_total{operation="contacts.get",status="failure"}': '0+10x10 110+10x20',
        'calls_total{operation="contacts.get",status="success"}': '0+30x10 330+30x20',
      },
      alert: 'CircuitBreakerCallsLimited',
      looks: [
        ['3m', undefined],
        ['10m', '25%'],
        ['20m', undefined],
      ],
    },
    {
      name: 'short of something of our own, and not of the service',
      interval: minute,
      series: {
        'attempt_failures_total{operation="contacts.get",cause="local"}': '0+1x10 10x20',
        'attempt_failures_total{operation="contacts.get",cause="timeout"}': '0+1x30',
      },
      alert: 'CircuitBreakerLocalShortage',
      looks: [
        ['4m', undefined],
        ['10m', ''],
        ['20m', undefined],
      ],
    },
    {
      name: 'a sign-in that a person must mend, and not one whose server is down',
      interval: minute,
      series: {
        'token_renewals_total{result="unavailable"}': '0+1x30',
        'token_renewals_total{result="expired"}': '0x5 0+1x10 10x20',
      },
      alert: 'CircuitBreakerSignIn',
      looks: [
        ['4m', undefined],
        ['12m', ''],
        ['24m', undefined],
      ],
    },
  ];
}

/** Success rates, in fifths of the window. */
function rates(rule: OpsPlan['otherRules']['lowSuccessRate']): readonly Scenario[] {
  if (rule === false) return [];
  const { windowMs, minimumCalls } = rule;
  const stepMs = Math.max(1, Math.round(windowMs / 5));
  // Rules are evaluated once per minute. If that is later than two windows, the series continue until then.
  const minutes = Math.ceil((10 * stepMs) / 60_000);
  const steps = Math.ceil((minutes * 60_000) / stepMs) + 1;
  const base = { interval: promDuration(stepMs), alert: 'CircuitBreakerLowSuccessRate' };
  const [none, some] = [`0x${steps}`, `0+${minimumCalls}x${steps}`];
  const looks = (shown: string | undefined): Scenario['looks'] => [[`${minutes}m`, shown]];
  const scenarios: Scenario[] = [
    { ...base, name: 'no request succeeds', series: { successes_total: none, failures_total: some }, looks: looks('0%') },
    { ...base, name: 'all succeed', series: { successes_total: some, failures_total: none }, looks: looks(undefined) },
    {
      ...base,
      name: 'no request succeeds, but the circuit is open: that is told already',
      series: { successes_total: none, failures_total: some, down_seconds: `1+1x${steps}` },
      looks: looks(undefined),
    },
  ];
  // With one request per step, a window contains five or six requests.
  if (minimumCalls > 10) {
    const few = { successes_total: none, failures_total: `0+1x${steps}` };
    scenarios.push({ ...base, name: 'too few requests to judge', series: few, looks: looks(undefined) });
  }
  return scenarios;
}

function unitTest(plan: OpsPlan, group: RuleGroup, service: string, { name, interval, series, alert, looks }: Scenario): object {
  const rule = group.rules.find((each) => each.alert === alert);
  return {
    name: `${service}: ${name}`,
    interval,
    input_series: Object.entries(series).map(([metric, values]) => {
      const [, short = '', more = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(metric) ?? [];
      const labels = [
        ...Object.entries({ ...PROCESS, service }).map(([key, value]) => `${key}="${value}"`),
        ...(more === '' ? [] : [more]),
      ];
      return { series: `${plan.prefix}circuit_breaker_${short}{${labels.join(',')}}`, values };
    }),
    alert_rule_test: looks.map(([eval_time, shown]) => ({
      eval_time,
      alertname: alert,
      exp_alerts: shown === undefined || rule === undefined ? [] : [expected(rule, service, shown)],
    })),
  };
}

function expected({ labels, annotations }: AlertRule, service: string, shown: string): object {
  const filled = Object.entries(annotations).map(([key, text]) => [
    key,
    text.replaceAll('{{ $labels.service }}', service).replace(/\{\{ \$value[^}]*\}\}/g, shown),
  ]);
  return { exp_labels: { job: PROCESS.job, service, ...labels }, exp_annotations: Object.fromEntries(filled) };
}

/** Returns whole seconds in the form of Prometheus' `humanizeDuration`. */
function humanDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([amount]) => amount > 0);
  return parts
    .slice(first < 0 ? 3 : first)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
