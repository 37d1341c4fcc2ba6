import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type AlertRule, type RuleGroup, ruleGroups } from '../../../generator/ops/alert-rules.js';
import { alertRulesFile, RULES_FILE } from '../../../generator/ops/alert-rules-file.js';
import { alertTestsFile, RULES_TEST_FILE } from '../../../generator/ops/alert-tests.js';
import type { OpsPlan } from '../../../generator/ops/service-plan.js';
import { NO_PROMTOOL, promtool } from '../../support/promtool.js';
import { plan, TUNED } from './plan.js';

const OUR_OWN = readFileSync(fileURLToPath(new URL('../../../specs/breakers.yaml', import.meta.url)), 'utf8');

function rule(of: OpsPlan, group: string, alert: string): AlertRule {
  const found = ruleGroups(of)
    .find(({ name }) => name === group)
    ?.rules.find((each) => each.alert === alert);
  if (found === undefined) throw new Error(`no ${alert} in ${group}`);
  return found;
}

const alertsOf = (groups: readonly RuleGroup[], name: string): readonly string[] | undefined =>
  groups.find((group) => group.name === name)?.rules.map(({ alert }) => alert.replace('CircuitBreaker', ''));

describe('rules', () => {
  test('a group for each service, and one for those that the file does not name', () => {
    const groups = ruleGroups(plan(OUR_OWN));
    expect(groups.map(({ name }) => name)).toEqual([
      'fuseline-ghl',
      'fuseline-retell',
      'fuseline-sendgrid',
      'fuseline-lyrio',
      'fuseline-other-services',
    ]);
    const all = ['Open', 'OpenLong', 'LowSuccessRate', 'HalfOpen', 'Recovered', 'Flapping', 'CallsLimited', 'LocalShortage', 'SignIn'];
    for (const { name } of groups) expect(alertsOf(groups, name)).toEqual(all);
    expect(rule(plan(OUR_OWN), 'fuseline-other-services', 'CircuitBreakerOpen').expr).toContain('{service!~"ghl|retell|sendgrid|lyrio"}');
    expect(ruleGroups(plan('circuit_breaker: {}')).map(({ name }) => name)).toEqual(['fuseline-other-services']);
  });

  test('severities by the defaults', () => {
    const severities = ruleGroups(plan(OUR_OWN))[0]?.rules.map(({ alert, labels }) => [alert, labels]);
    expect(severities).toEqual([
      ['CircuitBreakerOpen', { severity: 'critical', service: 'ghl' }],
      ['CircuitBreakerOpenLong', { severity: 'critical', service: 'ghl' }],
      ['CircuitBreakerLowSuccessRate', { severity: 'warning', service: 'ghl' }],
      ['CircuitBreakerHalfOpen', { severity: 'info', service: 'ghl' }],
      ['CircuitBreakerRecovered', { severity: 'info', service: 'ghl' }],
      ['CircuitBreakerFlapping', { severity: 'warning', service: 'ghl' }],
      ['CircuitBreakerCallsLimited', { severity: 'warning', service: 'ghl' }],
      ['CircuitBreakerLocalShortage', { severity: 'warning', service: 'ghl' }],
      ['CircuitBreakerSignIn', { severity: 'critical', service: 'ghl' }],
    ]);
  });

  test("each service's own thresholds", () => {
    const tuned = plan(TUNED);
    expect(rule(tuned, 'fuseline-ghl', 'CircuitBreakerOpenLong').expr).toMatch(/\{service="ghl"\}\) > 120$/);
    expect(rule(tuned, 'fuseline-retell', 'CircuitBreakerOpenLong').expr).toMatch(/\{service="retell"\}\) > 86399$/);
    expect(rule(tuned, 'fuseline-other-services', 'CircuitBreakerOpenLong').expr).toMatch(/ > 120$/);
    const rate = rule(tuned, 'fuseline-retell', 'CircuitBreakerLowSuccessRate');
    expect(rate.expr).toMatch(/\[1m\].* < 0\.99\nand .*\[1m\].* >= 3\nunless /);
    expect(rate.annotations['summary']).toBe('retell: less than 99 % of requests succeed');
    expect(rule(tuned, 'fuseline-retell', 'CircuitBreakerOpen').labels).toEqual({ severity: 'warning', service: 'retell' });
  });

  test('a rule that is switched off is not there, in the environment where it is', () => {
    const everywhere = ruleGroups(plan(TUNED));
    expect(alertsOf(everywhere, 'fuseline-ghl')).toEqual([
      'Open',
      'OpenLong',
      'LowSuccessRate',
      'Recovered',
      'Flapping',
      'CallsLimited',
      'LocalShortage',
      'SignIn',
    ]);
    expect(alertsOf(everywhere, 'fuseline-retell')).toContain('HalfOpen');
    const production = ruleGroups(plan(TUNED, { environment: 'production' }));
    expect(alertsOf(production, 'fuseline-other-services')).toEqual([
      'Open',
      'OpenLong',
      'LowSuccessRate',
      'Flapping',
      'CallsLimited',
      'LocalShortage',
      'SignIn',
    ]);
  });

  test('texts say what the configuration says', () => {
    const about = (service: string, environment?: string): string =>
      rule(plan(TUNED, environment === undefined ? {} : { environment }), `fuseline-${service}`, 'CircuitBreakerOpen').annotations[
        'description'
      ]?.replace(/^.*CircuitOpenError\. ?/, '') ?? '';
    expect(about('ghl')).toBe('It opens after 3 failures in a row, probes 30 s later, and closes after 3 successful probes.');
    expect(about('ghl', 'production')).toBe('It opens after 7 failures in a row, probes 30 s later, and closes after 3 successful probes.');
    expect(about('retell')).toBe('It opens after the first failure, probes 30 s later, and closes after one successful probe.');
    const span = 'of the attempts of the last 1 min';
    expect(about('lyrio')).toBe(
      `It opens after 50 % ${span} failed, or 50 % ${span} were slow, probes 90 s later, and closes after 3 successful probes.`,
    );
    expect(about('off')).toBe('The circuit is switched off in the configuration: it opens only by hand.');
    expect(about('other-services')).toBe('');
  });

  test('links: where the file says, or into the package', () => {
    expect(rule(plan(TUNED), 'fuseline-ghl', 'CircuitBreakerOpenLong').annotations).toMatchObject({
      runbook_url: 'https://wiki.example.com/circuit-open-long',
      dashboard_url: 'https://status.example.com/circuits',
    });
    const folder = plan('circuit_breaker: {}\nalerts: { runbook_url: "https://wiki.example.com/runbooks/" }');
    expect(rule(folder, 'fuseline-other-services', 'CircuitBreakerOpen').annotations['runbook_url']).toBe(
      'https://wiki.example.com/runbooks/circuit-open.md',
    );
    const none = rule(plan(OUR_OWN), 'fuseline-ghl', 'CircuitBreakerRecovered').annotations;
    expect(none['runbook']).toBe('node_modules/fuseline/docs/runbooks/circuit-recovered.md');
    expect(none).not.toHaveProperty('runbook_url');
  });

  test('the file is the same each time, and says where it comes from', () => {
    const text = alertRulesFile(plan(OUR_OWN));
    expect(alertRulesFile(plan(OUR_OWN))).toBe(text);
    expect(text).toMatch(/^# Made by `fuseline dashboards` from breakers\.yaml\./);
    expect(parse(text)).toEqual({ groups: ruleGroups(plan(OUR_OWN)) });
  });
});

describe.skipIf(NO_PROMTOOL)('promtool', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fuseline-rules-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (of: OpsPlan, change: (rules: string) => string = (rules) => rules): void => {
    writeFileSync(join(folder, RULES_FILE), change(alertRulesFile(of)));
    writeFileSync(join(folder, RULES_TEST_FILE), alertTestsFile(of));
  };
  const check = () => promtool(['check', 'rules', join(folder, RULES_FILE)]);
  const testRules = () => promtool(['test', 'rules', join(folder, RULES_TEST_FILE)]);

  test.each([
    ['our own file', plan(OUR_OWN, { environment: 'production' })],
    ['tuned', plan(TUNED)],
    ['tuned, in production, with a prefix', plan(TUNED, { environment: 'production', prefix: 'bot_' })],
    ['no service', plan('circuit_breaker: {}')],
    [
      'short spans',
      plan(
        'circuit_breaker: { services: { ghl: {} } }\nalerts: { rules: { low_success_rate: { window_seconds: 1 }, circuit_open_long: { after_seconds: 1.5 } }, check_interval_seconds: 0.5 }',
      ),
    ],
  ])('accepts the rules and runs their tests: %s', (_, of) => {
    write(of);
    expect(check()).toMatchObject({ code: 0, output: expect.stringContaining('SUCCESS') });
    expect(testRules()).toMatchObject({ code: 0, output: expect.stringContaining('SUCCESS') });
    const { tests } = parse(readFileSync(join(folder, RULES_TEST_FILE), 'utf8')) as { readonly tests: readonly unknown[] };
    expect(tests.length).toBeGreaterThan(5);
  });

  test.each([
    ['an alert that comes too late', '> 300', '> 500', 'CircuitBreakerOpenLong'],
    ['one that never comes', '== 1', '== 3', 'CircuitBreakerOpen'],
    ['a rate that is not looked at', '< 0.95', '< 0', 'CircuitBreakerLowSuccessRate'],
    ['one that an open circuit does not silence', 'unless', 'or', 'CircuitBreakerLowSuccessRate'],
    ['another metric', 'recovery_time_seconds_count', 'recoveries_total', 'CircuitBreakerRecovered'],
    ['flapping that is never enough', '>= 3', '>= 30', 'CircuitBreakerFlapping'],
    ['limits that may refuse all', '> 0.05', '> 5', 'CircuitBreakerCallsLimited'],
  ])('the tests find %s', (_, found, changed, alert) => {
    write(plan('circuit_breaker: {}'), (rules) => rules.replaceAll(found, changed));
    const { code, output } = testRules();
    expect(code).toBe(1);
    expect(output).toContain(`alertname: ${alert},`);
  });
});
