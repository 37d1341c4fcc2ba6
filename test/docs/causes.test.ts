import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FAULT_NAMES } from '../../generator/simulator/scenario/faults.js';
import { CONNECTION_FAULTS } from '../../runtime/errors/connection-fault.js';
import { METRICS } from '../../runtime/operate/metrics/catalog.js';

const read = (path: string): string => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');

/** The part of a text between two marks. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from);
  const end = text.indexOf(to, start);
  if (start < 0 || end < 0) throw new Error(`there is no part from ${from} to ${to}`);
  return text.slice(start, end);
}

const { help } = METRICS.circuit_breaker_attempt_failures_total;

/** Every place that lists the causes of a failed connection. */
const LISTS: Readonly<Record<string, string>> = {
  'the metric': help,
  'the row of the metric in docs/prometheus-and-grafana.md': between(
    read('docs/prometheus-and-grafana.md'),
    '| `circuit_breaker_attempt_failures_total`',
    '\n',
  ),
  'the panel of the dashboard for Grafana': between(read('generator/ops/dashboard/rows.ts'), 'Failed attempts by cause', 'unit:'),
  'the table of docs/policies/events.md': between(read('docs/policies/events.md'), '| cause |', '\n\n'),
  'the runbook circuit-open, with what never opens a circuit': between(
    read('docs/runbooks/circuit-open.md'),
    'names [the causes]',
    'status page',
  ),
  'the runbooks low-success-rate': read('docs/runbooks/low-success-rate.md'),
  'the faults of the simulator': FAULT_NAMES.join(' '),
  'the row of the simulator in docs/simulate.md': between(read('docs/simulate.md'), '| `errors` |', '\n'),
};

test.each(Object.entries(LISTS))('%s names every cause', (_, text) => {
  const words = new Set(text.match(/\w+/g));
  expect(CONNECTION_FAULTS.filter((fault) => !words.has(fault))).toEqual([]);
});

test('the docs show the help of the metric as it is', () => {
  expect(read('docs/prometheus-and-grafana.md')).toContain(help);
});
