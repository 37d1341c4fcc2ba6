import { type OpsPlan, shortDuration } from '../service-plan.js';
import { EACH, type Expressions } from './expressions.js';
import type { Panel, Target } from './panel.js';

const GRAPH = { type: 'timeseries', width: 8, height: 8 } as const;
const STACKED = { custom: { fillOpacity: 40, lineWidth: 1, stacking: { mode: 'normal', group: 'A' } } };
const LINES = { custom: { fillOpacity: 8, lineWidth: 1 } };
const BARS = { custom: { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0 } };

export function requestRow(e: Expressions): readonly Panel[] {
  return [
    {
      ...GRAPH,
      title: 'Requests',
      description: 'Every attempt of a call, including attempts that a circuit refused.',
      unit: 'reqps',
      field: LINES,
      targets: [{ expr: e.perSecond('requests_total', ['service']), legend: '{{service}}' }],
    },
    {
      ...GRAPH,
      title: 'Failure rate',
      description:
        'Share of requests that failed and count against the circuit. Refused requests do not count, because they were not sent.',
      unit: 'percentunit',
      field: { ...LINES, max: 1 },
      targets: [{ expr: e.failureShare(['service']), legend: '{{service}}' }],
    },
    {
      ...GRAPH,
      title: 'How calls end',
      description:
        'success: the service answered. cache: the last good response answered. fallback: another fallback answered. failure: the caller got an error.',
      unit: 'reqps',
      field: STACKED,
      targets: [{ expr: e.perSecond('calls_total', ['status']), legend: '{{status}}' }],
      overrides: [
        { name: 'success', properties: { color: { mode: 'fixed', fixedColor: 'green' } } },
        { name: 'cache', properties: { color: { mode: 'fixed', fixedColor: 'blue' } } },
        { name: 'fallback', properties: { color: { mode: 'fixed', fixedColor: 'purple' } } },
        { name: 'failure', properties: { color: { mode: 'fixed', fixedColor: 'red' } } },
        { name: 'cancelled', properties: { color: { mode: 'fixed', fixedColor: 'gray' } } },
      ],
    },
    {
      ...GRAPH,
      width: 12,
      title: 'Operations whose callers get errors',
      description: 'The ten with the most calls that ended in an error.',
      unit: 'reqps',
      field: LINES,
      targets: [
        {
          expr: `topk(10, ${e.perSecond('calls_total', ['service', 'operation'], EACH, 'status="failure"')} > 0)`,
          legend: '{{service}} {{operation}}',
        },
      ],
    },
    {
      ...GRAPH,
      width: 12,
      title: 'Retries and timeouts',
      description: 'Attempts that repeat a failed one, and attempts that a timeout ended.',
      unit: 'reqps',
      field: LINES,
      targets: [
        { expr: e.perSecond('retries_total', ['service']), legend: '{{service}} retries' },
        { expr: e.perSecond('attempt_timeouts_total', ['service']), legend: '{{service}} timeouts' },
      ],
    },
    {
      ...GRAPH,
      width: 24,
      title: 'Failed attempts by cause',
      description:
        'refused, dns, tls, connect_timeout and unreachable: the service is not reached. reset, protocol and network: a connection broke. timeout and body_timeout: it is slow. proxy: our proxy opened no tunnel. local: our own machine or client lacks something. sign_in: there is no token. No circuit counts these two.',
      unit: 'reqps',
      field: LINES,
      targets: [{ expr: e.perSecond('attempt_failures_total', ['service', 'cause']), legend: '{{service}} {{cause}}' }],
    },
  ];
}

export function latencyRow(e: Expressions, plan: OpsPlan): readonly Panel[] {
  const percentiles: readonly (readonly [string, number])[] = [
    ['p50', 0.5],
    ['p95', 0.95],
    ['p99', 0.99],
  ];
  const limits = timeouts(e, plan);
  return [
    ...percentiles.map(
      ([name, part]): Panel => ({
        ...GRAPH,
        title: `Latency ${name}`,
        description: `${part * 100} % of calls take at most this long, including retries and waits.${limits === undefined ? '' : ' Dashed: the configured attempt timeout.'}`,
        unit: 's',
        field: LINES,
        targets: [{ expr: e.quantile(part, ['service']), legend: '{{service}}' }, ...(limits === undefined ? [] : [limits])],
        overrides: plan.services.map((service) => ({
          name: limitName(service.name),
          properties: { 'custom.lineStyle': { fill: 'dash', dash: [8, 8] }, 'custom.fillOpacity': 0 },
        })),
      }),
    ),
    {
      ...GRAPH,
      width: 24,
      title: 'Slowest operations, p95',
      description: 'The ten operations with the highest 95th percentile.',
      unit: 's',
      field: LINES,
      targets: [{ expr: `topk(10, ${e.quantile(0.95, ['service', 'operation'])})`, legend: '{{service}} {{operation}}' }],
    },
  ];
}

function limitName(service: string): string {
  return `${service} attempt timeout`;
}

/** The attempt timeouts of the chosen services, as lines. */
function timeouts(e: Expressions, { services }: OpsPlan): Target | undefined {
  const lines = services.flatMap(({ name, timeoutMs }) =>
    timeoutMs === null ? [] : [`label_replace(vector(${timeoutMs / 1_000}), "service", "${name}", "", "")`],
  );
  if (lines.length === 0) return undefined;
  return { expr: `(${lines.join(' or ')}) and on (service) ${e.metric('state')}`, legend: '{{service}} attempt timeout' };
}

export function refusalRow(e: Expressions): readonly Panel[] {
  return [
    {
      ...GRAPH,
      title: 'Refused by circuits',
      description: 'Requests that were not sent because the circuit was open, had no free probe, or was ramping up after a recovery.',
      unit: 'reqps',
      field: STACKED,
      targets: [{ expr: e.perSecond('requests_blocked_total', ['service']), legend: '{{service}}' }],
    },
    {
      ...GRAPH,
      title: 'Answered by fallbacks',
      description: 'Calls that the last good response (cache) or another fallback answered in place of the service.',
      unit: 'reqps',
      field: STACKED,
      targets: [
        { expr: e.perSecond('calls_total', ['service', 'status'], EACH, 'status=~"cache|fallback"'), legend: '{{service}} {{status}}' },
      ],
    },
    {
      ...GRAPH,
      title: 'Refused by own limits',
      description: 'Requests that the bulkhead or the rate limiter refused, and the utilization of the fullest bulkhead.',
      unit: 'reqps',
      field: LINES,
      targets: [
        { expr: e.perSecond('calls_limited_total', ['service']), legend: '{{service}} refused' },
        { expr: e.max('bulkhead_utilization_ratio'), legend: '{{service}} bulkhead' },
      ],
      overrides: [{ name: '/ bulkhead$/', properties: { unit: 'percentunit', 'custom.axisPlacement': 'right' } }],
    },
  ];
}

export function transitionRow(e: Expressions, plan: OpsPlan): readonly Panel[] {
  return [
    {
      ...GRAPH,
      title: 'Changes of state',
      description: 'Number of changes into each state.',
      unit: 'short',
      field: BARS,
      targets: [
        {
          expr: `${e.increase('state_transitions_total', ['service', 'to_state'], EACH)} > 0`,
          legend: '{{service}} {{to_state}}',
        },
      ],
    },
    {
      ...GRAPH,
      title: 'Time to recover',
      description: 'Time from the opening of a circuit until it closes: median and 95th percentile of the last day.',
      unit: 's',
      field: LINES,
      targets: [
        {
          expr: `histogram_quantile(0.5, ${e.increase('recovery_time_seconds_bucket', ['service', 'le'], '1d')})`,
          legend: '{{service}} p50',
        },
        {
          expr: `histogram_quantile(0.95, ${e.increase('recovery_time_seconds_bucket', ['service', 'le'], '1d')})`,
          legend: '{{service}} p95',
        },
      ],
    },
    {
      type: 'text',
      title: 'Configuration',
      description: `From ${plan.file}.`,
      width: 8,
      height: 8,
      options: { mode: 'markdown', content: thresholds(plan) },
    },
  ];
}

/** Returns the thresholds as a table in Markdown. */
function thresholds({ services }: OpsPlan): string {
  const rows = services.map(({ name, opensAfter, recoveryTimeoutMs, successThreshold, timeoutMs, enabled }) =>
    enabled
      ? `| ${name} | ${opensAfter} | ${shortDuration(recoveryTimeoutMs)} | ${successThreshold} | ${timeoutMs === null ? 'none' : shortDuration(timeoutMs)} |`
      : `| ${name} | never: switched off | | | ${timeoutMs === null ? 'none' : shortDuration(timeoutMs)} |`,
  );
  return ['| service | opens after | probes after | closes after probes | attempt timeout |', '|---|---|---|---|---|', ...rows].join('\n');
}
