import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { METRICS, type MetricName } from 'fuseline/metrics';
import { describe, expect, test } from 'vitest';
import { ruleGroups } from '../../../generator/ops/alert-rules.js';
import { dashboard } from '../../../generator/ops/dashboard/dashboard.js';
import type { OpsPlan } from '../../../generator/ops/service-plan.js';
import { type DashboardJson, expressionsOf } from './expressions.js';
import { plan, TUNED } from './plan.js';

const OUR_OWN = plan(readFileSync(fileURLToPath(new URL('../../../specs/breakers.yaml', import.meta.url)), 'utf8'));

const json = (of: OpsPlan = OUR_OWN): DashboardJson => JSON.parse(JSON.stringify(dashboard(of))) as DashboardJson;
const panel = (title: string, of?: OpsPlan): DashboardJson['panels'][number] => {
  const found = json(of).panels.find((each) => each.title === title);
  if (found === undefined) throw new Error(`no panel ${title}`);
  return found;
};

describe('the dashboard', () => {
  test('can be imported, and imported again', () => {
    const { uid, title, schemaVersion, panels, ...rest } = json();
    expect({ uid, title, schemaVersion }).toEqual({ uid: 'fuseline-circuits', title: 'Circuit breakers', schemaVersion: 39 });
    // A number of its own would be that of some other dashboard elsewhere.
    expect(rest).not.toHaveProperty('id');
    expect(json(plan(TUNED, { prefix: 'my:bot_' })).uid).toBe('fuseline-circuits-my-bot');
    expect(panels.length).toBeGreaterThan(20);
    expect(JSON.stringify(dashboard(OUR_OWN))).toBe(JSON.stringify(dashboard(OUR_OWN)));
  });

  test('panels have ids of their own, a place of their own, and say what they show', () => {
    const { panels } = json();
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, description, type, gridPos, fieldConfig } of panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          expect(taken.has(`${column} ${line}`), `${title} overlaps another`).toBe(false);
          taken.add(`${column} ${line}`);
        }
      }
      if (type === 'row') continue;
      expect(description?.length ?? 0, title).toBeGreaterThan(10);
      if (type === 'timeseries' || type === 'stat') expect(fieldConfig?.defaults.unit, title).toBeDefined();
    }
    expect(panels.filter(({ type }) => type === 'row').map(({ title }) => title)).toEqual([
      'What is down, and since when',
      'Requests and failures',
      'Latency',
      'Rejections and fallbacks',
      'Transitions',
    ]);
  });

  test('asks the chosen Prometheus about the chosen services', () => {
    const { panels, templating, annotations } = json();
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['service', 'query'],
    ]);
    expect(templating.list[1]?.definition).toBe('label_values(circuit_breaker_state, service)');
    const sources = [
      ...panels.flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((target) => target.datasource)]),
      ...annotations.list.map((each) => each.datasource),
    ];
    for (const source of sources.filter((each) => each !== undefined)) expect(source).toEqual({ type: 'prometheus', uid: '$datasource' });
    for (const { targets = [] } of panels) expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
  });

  test.each([
    ['', OUR_OWN],
    ['bot_', plan(TUNED, { prefix: 'bot_' })],
  ])('and its rules use metrics that there are, by labels that they have (prefix "%s")', (prefix, of) => {
    const expressions = [...expressionsOf(json(of)), ...ruleGroups(of).flatMap(({ rules }) => rules.map(({ expr }) => expr))];
    expect(expressions.length).toBeGreaterThan(50);
    for (const expression of expressions) {
      const uses = [...expression.matchAll(/(\w*circuit_breaker_\w+)\{([^}]*)\}/g)];
      expect(uses.length, expression).toBeGreaterThan(0);
      expect(expression.match(/circuit_breaker_/g)).toHaveLength(uses.length);
      for (const [, name = '', selector = ''] of uses) {
        expect(name.startsWith(prefix), name).toBe(true);
        const bare = name.slice(prefix.length);
        const known = (Object.hasOwn(METRICS, bare) ? bare : bare.replace(/_(bucket|sum|count)$/, '')) as MetricName;
        expect(METRICS[known], name).toBeDefined();
        for (const [, label = ''] of selector.matchAll(/(\w+)(?:=~|!~|!=|=)/g)) expect(METRICS[known].labels, expression).toContain(label);
      }
    }
  });

  test('limits and colors are those of the configuration', () => {
    expect(panel('Success rate', plan(TUNED)).fieldConfig?.defaults.thresholds?.steps).toEqual([
      { color: 'red', value: null },
      { color: 'green', value: 0.95 },
    ]);
    const downFor = panel('Not closed now', plan(TUNED)).fieldConfig?.overrides.find(({ matcher }) => matcher.options === 'Down for');
    expect(downFor?.properties).toContainEqual({
      id: 'thresholds',
      value: {
        mode: 'absolute',
        steps: [
          { color: 'orange', value: null },
          { color: 'red', value: 120 },
        ],
      },
    });
    const [, timeouts] = panel('Latency p95', plan(TUNED)).targets ?? [];
    expect(timeouts?.expr).toContain(
      'label_replace(vector(30), "service", "ghl", "", "") or label_replace(vector(45), "service", "retell", "", "")',
    );
    expect(panel('Configuration', plan(TUNED)).options?.content?.split('\n').slice(2, 5)).toEqual([
      '| ghl | 3 failures in a row | 30 s | 3 | 30 s |',
      '| retell | the first failure | 30 s | 1 | 45 s |',
      expect.stringMatching(/^\| lyrio \| 50 % of the attempts of the last 1 min failed, or .* \| 90 s \| 3 \| 1 min \|$/),
    ]);
  });

  test('of a file without services, or without alerts', () => {
    const none = plan('circuit_breaker: {}\nalerts: { rules: { circuit_open_long: false, low_success_rate: false } }');
    expect(panel('Latency p50', none).targets).toHaveLength(1);
    expect(panel('Success rate', none).fieldConfig?.defaults.thresholds?.steps).toHaveLength(2);
  });
});
