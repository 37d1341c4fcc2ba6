import type { OpsPlan } from '../service-plan.js';
import { type Expressions, LATELY } from './expressions.js';
import type { Panel } from './panel.js';

const STATE_MAPPINGS = [
  {
    type: 'value',
    options: {
      0: { text: 'closed', color: 'green', index: 0 },
      1: { text: 'open', color: 'red', index: 1 },
      2: { text: 'half-open', color: 'yellow', index: 2 },
    },
  },
];

/** Makes the first row, for people on call. */
export function downRow(e: Expressions, plan: OpsPlan): readonly Panel[] {
  const calm = [
    { color: 'green', value: null },
    { color: 'red', value: 1 },
  ];
  const count = (title: string, expr: string, description: string): Panel => ({
    type: 'stat',
    title,
    description,
    width: 4,
    height: 4,
    unit: 'short',
    steps: calm,
    targets: [{ expr: `${expr} or vector(0)`, instant: true }],
    options: { colorMode: 'background', graphMode: 'none', reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } },
  });
  return [
    notClosed(e, plan),
    {
      type: 'state-timeline',
      title: 'State of each service',
      description: 'Open if the circuit is open in any process, otherwise half-open if it is half-open in any process.',
      width: 12,
      height: 8,
      targets: [{ expr: e.state, legend: '{{service}}' }],
      field: { mappings: STATE_MAPPINGS, custom: { fillOpacity: 80, lineWidth: 0 } },
      options: { mergeValues: true, showValue: 'never', legend: { displayMode: 'list', placement: 'bottom', showLegend: true } },
    },
    count('Open circuits', `sum(${e.metric('circuits', 'state="open"')})`, 'Circuits that refuse calls, summed over all processes.'),
    count(
      'Half-open circuits',
      `sum(${e.metric('circuits', 'state="half_open"')})`,
      'Circuits that let a few calls pass to test whether the service has recovered.',
    ),
    count(
      'Held by hand',
      `sum(${e.metric('forced_circuits')})`,
      'Circuits that were forced open or closed. They stay in this state until they are reset.',
    ),
    {
      ...count('Success rate', '', 'Share of successful requests in the last minutes. Red below the lowest limit of the alerts.'),
      width: 12,
      unit: 'percentunit',
      steps: [
        { color: 'red', value: null },
        { color: 'green', value: lowestLimit(plan) },
      ],
      targets: [{ expr: `1 - (${e.failureShare(['service'], LATELY)})`, legend: '{{service}}', instant: true }],
      field: { max: 1, decimals: 1 },
    },
  ];
}

function notClosed(e: Expressions, plan: OpsPlan): Panel {
  const target = (expr: string) => ({ expr, instant: true }) as const;
  return {
    type: 'table',
    title: 'Not closed now',
    description:
      'Services with an open or half-open circuit: the time since it opened, the time to the next probe, and the answers that callers get.',
    width: 12,
    height: 8,
    targets: [
      target(`${e.max('down_seconds')} > 0`),
      target(e.whereDown(`sum by (service) (${e.metric('circuits', 'state="open"')})`)),
      target(e.whereDown(e.max('retry_after_seconds'))),
      target(e.whereDown(e.perSecond('requests_blocked_total', ['service'], LATELY))),
      target(e.whereDown(`(${e.endingShare('cache|fallback', ['service'], LATELY)})`)),
      target(e.whereDown(`(${e.endingShare('failure', ['service'], LATELY)})`)),
    ],
    field: { noValue: 'all circuits are closed', custom: { align: 'auto' } },
    overrides: [
      { name: 'Down for', properties: { unit: 's', thresholds: downSteps(plan), 'custom.cellOptions': { type: 'color-background' } } },
      { name: 'Next probe in', properties: { unit: 's' } },
      { name: 'Refused', properties: { unit: 'reqps' } },
      { name: 'Answered by fallback', properties: { unit: 'percentunit' } },
      { name: 'Callers get an error', properties: { unit: 'percentunit' } },
    ],
    transformations: [
      { id: 'joinByField', options: { byField: 'service', mode: 'outer' } },
      { id: 'filterFieldsByName', options: { include: { pattern: '^(service|Value.*)$' } } },
      {
        id: 'organize',
        options: {
          renameByName: {
            service: 'Service',
            'Value #A': 'Down for',
            'Value #B': 'Open circuits',
            'Value #C': 'Next probe in',
            'Value #D': 'Refused',
            'Value #E': 'Answered by fallback',
            'Value #F': 'Callers get an error',
          },
        },
      },
    ],
    options: { showHeader: true, cellHeight: 'sm', sortBy: [{ displayName: 'Down for', desc: true }] },
  };
}

/** Orange from the opening, red from the time at which the alerts report a long outage. */
function downSteps({ services, otherRules }: OpsPlan): object {
  const long = [...services.map(({ rules }) => rules), otherRules].flatMap(({ circuitOpenLong }) =>
    circuitOpenLong === false ? [] : [circuitOpenLong.afterMs / 1_000],
  );
  const steps = [{ color: 'orange', value: null }, ...(long.length === 0 ? [] : [{ color: 'red', value: Math.min(...long) }])];
  return { mode: 'absolute', steps };
}

function lowestLimit({ services, otherRules }: OpsPlan): number {
  const limits = [...services.map(({ rules }) => rules), otherRules].flatMap(({ lowSuccessRate }) =>
    lowSuccessRate === false ? [] : [lowSuccessRate.below],
  );
  return limits.length === 0 ? 0.95 : Math.min(...limits);
}
