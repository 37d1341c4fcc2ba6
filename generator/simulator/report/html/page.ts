import type { Totals } from '../../engine/tally.js';
import type { ServiceResult, SimulationResult } from '../../result/types.js';
import { ANY_OPERATION } from '../../scenario/types.js';
import { type ComparedService, compare, namesOf, shown, shownDifference, verdict } from '../compare.js';
import { headline, spread } from '../text.js';
import { timeline } from '../timeline.js';
import { count, offset, percent, time } from '../words.js';
import { charts, phasesList } from './charts.js';
import { escapeHtml } from './escape.js';
import { STYLE } from './style.js';

/** The number of changes that a page lists. */
const LISTED = 400;

/**
 * Returns a self-contained page: without scripts, and without resources of other origins. `compared` is a result of the same scenario
 * against other policies.
 */
export function htmlReport(result: SimulationResult, compared: SimulationResult | undefined): string {
  const { scenario } = result;
  const body = compared === undefined ? oneResult(result) : twoResults(result, compared);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(scenario.name)} – fuseline simulate</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escapeHtml(scenario.name)}</h1>
${body}
</main>
</body>
</html>
`;
}

function about(result: SimulationResult): string {
  const { scenario } = result;
  return `<p class="soft">${escapeHtml(headline(result).slice(scenario.name.length + 2))} · ${escapeHtml(scenario.file)}</p>`;
}

function oneResult(result: SimulationResult): string {
  const { services, scenario } = result;
  const parts = services.map(
    (service) => `<h2>${escapeHtml(service.name)}</h2>\n${cards(service)}\n${phasesList(service)}\n${charts(service, scenario)}`,
  );
  return `${about(result)}\n${parts.join('\n')}\n${tables(result)}\n${log(result)}`;
}

function twoResults(first: SimulationResult, second: SimulationResult): string {
  const names = namesOf(first, second);
  const services = compare(first, second).map((compared) => {
    const found = [first, second].map(({ services }) => services.find(({ name }) => name === compared.name));
    const sides = found.map((service, at) =>
      service === undefined ? '' : `<section><h3>${escapeHtml(names[at] ?? '')}</h3>\n${charts(service, first.scenario)}</section>`,
    );
    const [service] = found;
    const phases = service === undefined ? '' : phasesList(service);
    return `<h2>${escapeHtml(compared.name)}</h2>\n${comparedTable(compared, names)}\n${phases}\n<div class="sides">${sides.join('\n')}</div>`;
  });
  const logs = [first, second].map((result, at) => `<h2>${escapeHtml(names[at] ?? '')}</h2>\n${tables(result)}\n${log(result)}`);
  const lead = `<p class="soft">${escapeHtml(names[0])} and ${escapeHtml(names[1])} in the same outage</p>`;
  return `${about(first)}\n${lead}\n${services.join('\n')}\n${logs.join('\n')}`;
}

function comparedTable(compared: ComparedService, names: readonly [string, string]): string {
  const rows = compared.measures.map((measure) => {
    const cell = (which: 'first' | 'second'): string => {
      const text = shown(measure, measure[which]);
      return measure.better === which ? `<td class="win">${escapeHtml(text)} ✓</td>` : `<td>${escapeHtml(text)}</td>`;
    };
    return `<tr><td>${escapeHtml(measure.label)}</td>${cell('first')}${cell('second')}<td>${escapeHtml(shownDifference(measure))}</td></tr>`;
  });
  const head = `<tr><td></td><th>${escapeHtml(names[0])}</th><th>${escapeHtml(names[1])}</th><th>difference</th></tr>`;
  return `<p>${escapeHtml(verdict(compared, names))} ✓ marks the better one.</p>\n${wide(`<table><thead>${head}</thead><tbody>${rows.join('')}</tbody></table>`)}`;
}

function cards({ totals, circuits }: ServiceResult): string {
  const of = (key: 'timeToOpenMs' | 'timeToRecoverMs'): string => {
    const known = circuits.flatMap((circuit) => circuit[key] ?? []);
    const [first] = known;
    return first === undefined ? '–' : time(known.length === 1 ? first.mean : Math.max(...known.map(({ worst }) => worst)));
  };
  const worst = circuits.filter(({ timeToOpenMs }) => timeToOpenMs !== null).length > 1 ? ', the slowest circuit' : '';
  const falseOpens = circuits.reduce((sum, circuit) => sum + circuit.falseOpens, 0);
  const cells: readonly (readonly [string, string])[] = [
    [percent(totals.servedPercent), `of ${count(totals.calls)} callers served`],
    [count(totals.fallback), 'answered by a fallback'],
    [count(totals.failed), 'calls failed'],
    [count(totals.blocked), 'blocked by the circuit'],
    [of('timeToOpenMs'), `to open${worst}`],
    [of('timeToRecoverMs'), `to recover${worst}`],
    [count(falseOpens), falseOpens === 1 ? 'false open' : 'false opens'],
    [time(totals.worstWaitMs), 'worst wait'],
  ];
  return `<ul class="cards">${cells.map(([value, label]) => `<li><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></li>`).join('')}</ul>`;
}

function tables({ services, scenario }: SimulationResult): string {
  const head = ['', 'calls', 'served', 'fallback', 'failed', 'blocked', 'limited', 'retries', 'p99 wait', 'worst wait', 'callers served'];
  const row = (name: string, inner: boolean, t: Totals): string => {
    const cells = [
      count(t.calls),
      count(t.served),
      count(t.fallback),
      count(t.failed),
      count(t.blocked),
      count(t.limited),
      count(t.retries),
    ];
    const all = [...cells, time(t.p99WaitMs), time(t.worstWaitMs), percent(t.servedPercent)].map((cell) => `<td>${escapeHtml(cell)}</td>`);
    return `<tr><td${inner ? ' class="in"' : ''}>${escapeHtml(name)}</td>${all.join('')}</tr>`;
  };
  const calls = services.flatMap(({ name, totals, operations }) => [
    row(name, false, totals),
    ...operations.filter(({ id }) => id !== ANY_OPERATION).map((operation) => row(operation.id, true, operation.totals)),
  ]);
  const circuitRows = services.flatMap(({ circuits }) =>
    circuits.map((circuit) => {
      const share = percent((circuit.notClosedMs / scenario.durationMs) * 100);
      const cells = [count(circuit.opens), count(circuit.falseOpens), spread(circuit.timeToOpenMs), spread(circuit.timeToRecoverMs)];
      const all = [circuit.name, ...cells, `${time(circuit.notClosedMs)} (${share})`].map((cell) => `<td>${escapeHtml(cell)}</td>`);
      return `<tr>${all.join('')}</tr>`;
    }),
  );
  const circuitHead = ['', 'opened', 'false opens', 'time to open', 'time to recover', 'not closed'];
  return `<h3>Calls</h3>\n${table(head, calls)}\n<h3>Circuits</h3>\n${table(circuitHead, circuitRows)}`;
}

function log(result: SimulationResult): string {
  const entries = timeline(result, false);
  const rows = entries.slice(0, LISTED).map(({ atMs, circuit, service, kind, text }) => {
    const mark = kind === 'conditions' || kind === 'more' ? '' : `<i class="key ${kind}"></i>`;
    return `<tr><td>${offset(atMs)}</td><td>${escapeHtml(circuit ?? service)}</td><td>${mark}${escapeHtml(text)}</td></tr>`;
  });
  const left = entries.length - LISTED;
  const more = left > 0 ? `<p class="soft">and ${count(left)} more</p>` : '';
  return `<details${entries.length <= 40 ? ' open' : ''}><summary>Timeline</summary>\n${wide(`<table class="log"><tbody>${rows.join('')}</tbody></table>`)}${more}</details>`;
}

function table(head: readonly string[], rows: readonly string[]): string {
  return wide(
    `<table><thead><tr>${head.map((name) => (name === '' ? '<td></td>' : `<th scope="col">${name}</th>`)).join('')}</tr></thead><tbody>${rows.join('')}</tbody></table>`,
  );
}

/** Lets content that is wider than a phone scroll by itself, also by keyboard. */
function wide(content: string): string {
  return `<div class="wide" tabindex="0">${content}</div>`;
}
