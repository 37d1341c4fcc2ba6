import type { CircuitResult } from '../../result/circuits.js';
import type { ServiceResult, SimulationResult } from '../../result/types.js';
import { changeText, count, offset, percent, STATE_NAMES, time } from '../words.js';
import { escapeHtml } from './escape.js';
import { area, type Band, HEIGHT, hovers, line, plot, rect, WIDTH } from './plot.js';
import { HEADROOM, linearTicks, logScale, logTicks, roundUp } from './scale.js';

type Scenario = SimulationResult['scenario'];

/** Returns the list of what happens to a service, with the numbers of the plots. */
export function phasesList(service: ServiceResult): string {
  const list = bandsOf(service).map(
    ({ fromMs, toMs, label }) => `<li><span class="when">${offset(fromMs, false)}–${offset(toMs, false)}</span> ${escapeHtml(label)}</li>`,
  );
  if (list.length === 0) return '';
  const rest = list.slice(SHOWN_PHASES);
  const more =
    rest.length === 0
      ? ''
      : `<details><summary>${rest.length} more</summary><ol start="${SHOWN_PHASES + 1}">${rest.join('')}</ol></details>`;
  return `<div class="phases"><ol>${list.slice(0, SHOWN_PHASES).join('')}</ol>${more}</div>`;
}

/** Returns the plots of one service, one below the other, with one time axis. */
export function charts(service: ServiceResult, scenario: Scenario): string {
  const bands = bandsOf(service);
  return [
    phasesStrip(bands, scenario),
    stateStrips(service, scenario, bands),
    errorChart(service, scenario, bands),
    trafficChart(service, scenario, bands),
    waitChart(service, scenario, bands),
  ].join('\n');
}

/** Returns the spans in which the service was not normal: the phases of a scenario, or the times at which recorded calls failed. */
function bandsOf({ conditions, circuits }: ServiceResult): readonly Band[] {
  const phases = conditions.filter((step) => step.phases.length > 0);
  if (phases.length > 0)
    return phases.map(({ fromMs, toMs, phases: names, text }) => ({ fromMs, toMs, label: `${names.join(' + ')}: ${text}` }));
  if (conditions.length > 0) return conditions.slice(1).map(({ fromMs, toMs, text }) => ({ fromMs, toMs, label: text }));
  return (circuits[0]?.troubles ?? []).map(({ fromMs, toMs, rate }) => ({
    fromMs,
    toMs,
    label: `up to ${percent(rate * 100)} of calls fail`,
  }));
}

/** More phases than this are collapsed. */
const SHOWN_PHASES = 8;

/** Returns the numbers of the phases, above the plots. */
function phasesStrip(bands: readonly Band[], { durationMs }: Scenario): string {
  if (bands.length === 0) return '';
  const share = (ms: number): string => `${((ms / durationMs) * 100).toFixed(2)}%`;
  const marks = bands.map(
    ({ fromMs, toMs, label }, at) =>
      `<span style="left:${share(fromMs)};width:${share(toMs - fromMs)}" title="${escapeHtml(label)}"><b>${at + 1}</b></span>`,
  );
  return `<div class="plot strip"><div class="y"></div><div class="marks" aria-hidden="true">${marks.join('')}</div></div>`;
}

/** More circuits than this are collapsed. */
const SHOWN_CIRCUITS = 12;

function stateStrips({ circuits }: ServiceResult, scenario: Scenario, bands: readonly Band[]): string {
  // Circuits with the most changes come first.
  const sorted = [...circuits].sort((a, b) => b.changes.length - a.changes.length);
  const strips = sorted.map((circuit) => stateStrip(circuit, scenario, bands));
  const hidden = strips.slice(SHOWN_CIRCUITS);
  const more = hidden.length === 0 ? '' : `<details><summary>${hidden.length} more circuits</summary>${hidden.join('\n')}</details>`;
  return `${strips.slice(0, SHOWN_CIRCUITS).join('\n')}${more}`;
}

/** The least width of a state, so that short states stay visible. */
const LEAST = WIDTH / 500;

function stateStrip({ name, changes, notClosedMs, opens }: CircuitResult, { durationMs }: Scenario, bands: readonly Band[]): string {
  const x = (ms: number): number => (Math.min(ms, durationMs) / durationMs) * WIDTH;
  const states = [
    { atMs: 0, to: changes[0]?.from ?? 'closed', title: '' },
    ...changes.map((change) => ({ ...change, title: changeText(change) })),
  ];
  const marks = states.flatMap(({ atMs, to, title }, at) => {
    if (atMs >= durationMs) return [];
    const endMs = Math.min(durationMs, states[at + 1]?.atMs ?? durationMs);
    const told = `${offset(atMs)}–${offset(endMs)} ${STATE_NAMES[to] ?? to}${title === '' ? '' : `: ${title}`}`;
    return [{ to, svg: rect(`state ${to}`, x(atMs), 0, Math.max(x(endMs) - x(atMs), to === 'closed' ? 0 : LEAST), HEIGHT, told) }];
  });
  // Half-open states are short. They are drawn last, so that the following wait does not hide them.
  const svg = [...marks.filter(({ to }) => to !== 'half_open'), ...marks.filter(({ to }) => to === 'half_open')]
    .map((mark) => mark.svg)
    .join('');
  return plot({
    title: `circuit ${name}`,
    description: `State of the circuit ${name}: opened ${opens} times, not closed for ${time(notClosedMs)}.`,
    durationMs,
    bands,
    yTicks: [],
    yLabel: 'state',
    legend: [
      { mark: 'closed', text: 'closed' },
      { mark: 'open', text: 'open' },
      { mark: 'half_open', text: 'half-open' },
    ],
    marks: svg,
    height: 26,
  });
}

function errorChart({ series }: ServiceResult, { durationMs }: Scenario, bands: readonly Band[]): string {
  const { stepMs, trueRate, ended, unwell } = series;
  const share = stepMs / durationMs;
  const seen = ended.map((total, at) => (total === 0 ? null : (unwell[at] ?? 0) / total));
  const titles = seen.map((rate, at) => {
    const told = rate === null ? 'no request ended' : `${percent(rate * 100)} of ${count(ended[at] ?? 0)} requests failed`;
    return `${offset(at * stepMs)}: true ${percent((trueRate[at] ?? 0) * 100)}; seen: ${told}`;
  });
  return plot({
    title: 'Error rate',
    description: 'The true error rate of the service over time, and the share of requests that clients saw fail.',
    durationMs,
    bands,
    yTicks: linearTicks(1, (value) => `${Math.round(value * 100)} %`),
    yLabel: 'share of requests that fail',
    legend: [
      { mark: 'true', text: 'true' },
      { mark: 'seen', text: 'seen by clients' },
    ],
    marks: [
      area(
        'true',
        trueRate.map(() => 0),
        trueRate.map((rate) => rate * HEADROOM),
        share,
      ),
      line(
        'seen',
        seen.map((rate) => (rate === null ? null : rate * HEADROOM)),
        share,
      ),
      hovers(titles, share),
    ].join(''),
    height: 110,
  });
}

function trafficChart({ series }: ServiceResult, { durationMs }: Scenario, bands: readonly Band[]): string {
  const { stepMs, calls, served, fallback, failed, blocked, attempts } = series;
  const share = stepMs / durationMs;
  const perSecond = (values: readonly number[]): number[] =>
    values.map((value, at) => (value * 1_000) / Math.max(1, Math.min(stepMs, durationMs - at * stepMs)));
  const rates = { calls: perSecond(calls), blocked: perSecond(blocked), attempts: perSecond(attempts) };
  const first = perSecond(served);
  const second = perSecond(fallback).map((value, at) => value + (first[at] ?? 0));
  const third = perSecond(failed).map((value, at) => value + (second[at] ?? 0));
  const top = roundUp(Math.max(...rates.calls, ...third, ...rates.attempts));
  const scaled = (values: readonly number[]): number[] => values.map((value) => (value / top) * HEADROOM);
  const titles = calls.map(
    (value, at) =>
      `${offset(at * stepMs)}: ${count(value)} calls; ${count(served[at] ?? 0)} served, ${count(fallback[at] ?? 0)} fallback, ${count(failed[at] ?? 0)} failed, ${count(blocked[at] ?? 0)} blocked; ${count(attempts[at] ?? 0)} requests sent`,
  );
  return plot({
    title: 'Traffic',
    description: 'Calls per second, their outcomes, and the calls that the circuit blocked.',
    durationMs,
    bands,
    yTicks: linearTicks(top, (value) => value.toLocaleString('en', { maximumSignificantDigits: 3 })),
    yLabel: 'calls per second',
    legend: [
      { mark: 'served', text: 'served', values: served },
      { mark: 'fallback', text: 'fallback', values: fallback },
      { mark: 'failed', text: 'failed', values: failed },
      { mark: 'calls', text: 'attempted', values: calls },
      { mark: 'blocked', text: 'blocked', values: blocked },
      { mark: 'attempts', text: 'requests sent', values: attempts },
    ].filter(({ values }) => values.some((value) => value > 0)),
    marks: [
      area(
        'served',
        first.map(() => 0),
        scaled(first),
        share,
      ),
      area('fallback', scaled(first), scaled(second), share),
      area('failed', scaled(second), scaled(third), share),
      line('calls', scaled(rates.calls), share),
      line('attempts', scaled(rates.attempts), share),
      // Without blocked calls, no line is drawn along the bottom.
      line(
        'blocked',
        scaled(rates.blocked).map((value) => (value === 0 ? null : value)),
        share,
      ),
      hovers(titles, share),
    ].join(''),
    height: 150,
  });
}

function waitChart({ series }: ServiceResult, { durationMs }: Scenario, bands: readonly Band[]): string {
  const { stepMs, waitP50Ms, waitP99Ms } = series;
  const share = stepMs / durationMs;
  // A refusal takes no time. A logarithmic scale has no zero, so the value is drawn at the bottom.
  const known = [...waitP50Ms, ...waitP99Ms].filter((value): value is number => value !== null && value > 0);
  const scale = logScale(known);
  const scaled = (values: readonly (number | null)[]): (number | null)[] =>
    values.map((value) => (value === null ? null : scale.at(value)));
  const titles = waitP50Ms.map(
    (half, at) => `${offset(at * stepMs)}: half of the callers waited up to ${time(half)}, 99 % up to ${time(waitP99Ms[at])}`,
  );
  return plot({
    title: 'Wait of callers',
    description: 'Waits of callers: median and 99th percentile, on a logarithmic scale.',
    durationMs,
    bands,
    yTicks: logTicks(scale, (value) => (value < 1_000 ? `${value} ms` : `${count(value / 1_000)} s`)),
    yLabel: 'logarithmic',
    legend: [
      { mark: 'p50', text: 'p50' },
      { mark: 'p99', text: 'p99' },
    ],
    marks: line('p99', scaled(waitP99Ms), share) + line('p50', scaled(waitP50Ms), share) + hovers(titles, share),
    height: 120,
  });
}
