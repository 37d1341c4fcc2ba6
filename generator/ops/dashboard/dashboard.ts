import type { OpsPlan } from '../service-plan.js';
import { downRow } from './down-row.js';
import { Expressions } from './expressions.js';
import { DATASOURCE, type Panel, panelJson } from './panel.js';
import { latencyRow, refusalRow, requestRow, transitionRow } from './rows.js';

const COLUMNS = 24;

/** Makes a Grafana dashboard for import. `schemaVersion` 39 belongs to Grafana 11; later versions read it. */
export function dashboard(plan: OpsPlan): object {
  const e = new Expressions(plan.prefix);
  const rows: readonly (readonly [string, readonly Panel[]])[] = [
    ['What is down, and since when', downRow(e, plan)],
    ['Requests and failures', requestRow(e)],
    ['Latency', latencyRow(e, plan)],
    ['Rejections and fallbacks', refusalRow(e)],
    ['Transitions', transitionRow(e, plan)],
  ];
  return {
    // The same in each run, so that an import replaces the previous dashboard.
    uid: uidOf(plan.prefix),
    title: `Circuit breakers${plan.prefix === '' ? '' : ` (${plan.prefix})`}`,
    description: `Made by \`fuseline dashboards\` from ${plan.file}.`,
    tags: ['fuseline', 'circuit-breaker'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timepicker: {},
    timezone: 'browser',
    links: [],
    annotations: { list: [openings(e)] },
    templating: { list: [datasourceVariable(), serviceVariable(plan.prefix)] },
    panels: laidOut(rows),
  };
}

/** Grafana accepts at most 40 characters. */
function uidOf(prefix: string): string {
  return `fuseline-circuits${prefix === '' ? '' : `-${prefix.replace(/[^a-zA-Z0-9]+/g, '-').replace(/-$/, '')}`}`.slice(0, 40);
}

/** Places the panels. Each row starts on a new line, and panels fill lines from the left. */
function laidOut(rows: readonly (readonly [string, readonly Panel[]])[]): readonly object[] {
  const placed: object[] = [];
  let y = 0;
  for (const [title, panels] of rows) {
    placed.push({ id: placed.length + 1, type: 'row', title, collapsed: false, gridPos: { h: 1, w: COLUMNS, x: 0, y }, panels: [] });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      if (x + panel.width > COLUMNS) {
        y += height;
        [x, height] = [0, 0];
      }
      placed.push(panelJson(panel, placed.length + 1, x, y));
      x += panel.width;
      height = Math.max(height, panel.height);
    }
    y += height;
  }
  return placed;
}

function datasourceVariable(): object {
  return {
    name: 'datasource',
    label: 'Prometheus',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
    includeAll: false,
    multi: false,
    options: [],
    refresh: 1,
    regex: '',
    skipUrlSync: false,
  };
}

function serviceVariable(prefix: string): object {
  const definition = `label_values(${prefix}circuit_breaker_state, service)`;
  return {
    name: 'service',
    label: 'Service',
    type: 'query',
    datasource: DATASOURCE,
    definition,
    query: { query: definition, refId: 'service' },
    current: { selected: true, text: ['All'], value: ['$__all'] },
    allValue: '.*',
    hide: 0,
    includeAll: true,
    multi: true,
    options: [],
    // Evaluated at each change of the time range, because services appear and disappear.
    refresh: 2,
    regex: '',
    skipUrlSync: false,
    sort: 1,
  };
}

/** Marks the openings of circuits on every graph. */
function openings(e: Expressions): object {
  return {
    name: 'Circuits that opened',
    datasource: DATASOURCE,
    enable: true,
    hide: false,
    iconColor: 'red',
    expr: `${e.increase('opens_total', ['service'], '$__interval')} > 0`,
    step: '15s',
    tagKeys: 'service',
    titleFormat: '{{service}} opened',
  };
}
