import { describe, expect, it } from 'vitest';
import { condensed } from '../../../../../runtime/operate/dashboard/page/condense.js';
import {
  answersText,
  countsOf,
  entryStanding,
  entryText,
  probesText,
  problemText,
  reasonText,
  standingOf,
  wordsOf,
} from '../../../../../runtime/operate/dashboard/page/words.js';
import type { CircuitRow, TimelineEntry } from '../../../../../runtime/operate/dashboard/wire.js';
import { NOW, rowWith } from './rows.js';

describe('how a circuit stands', () => {
  const cases: readonly (readonly [string, Partial<CircuitRow>])[] = [
    ['open', { state: 'open' }],
    ['forced-open', { state: 'open', forced: 'open' }],
    ['blocked', { blockedBy: 'lyrio' }],
    ['blocked', { state: 'half_open', blockedBy: 'lyrio' }],
    ['probing', { state: 'half_open' }],
    ['off', { forced: 'off' }],
    ['forced-closed', { forced: 'closed', failing: true }],
    ['metrics-only', { forced: 'metrics_only' }],
    ['failing', { failing: true, failedShare: 0.2 }],
    ['ramping', { rampShare: 0.4 }],
    ['closed', { failedShare: 0.02 }],
  ];
  it.each(cases)('%s', (standing, row) => expect(standingOf(rowWith(row))).toBe(standing));

  it('goes from bad to good', () => {
    const ranks = cases.map(([, row]) => wordsOf(standingOf(rowWith(row))).rank);
    expect(Math.max(...ranks)).toBe(ranks.at(-1));
    expect(Math.min(...ranks)).toBe(ranks[0]);
  });
});

describe('what callers get', () => {
  it.each([
    [{ cache: 0, fallback: 0, error: 0 }, 'no calls since'],
    [{ cache: 9, fallback: 0, error: 0 }, 'callers get the last good response'],
    [{ cache: 0, fallback: 1, error: 0 }, 'callers get a fallback'],
    [{ cache: 0, fallback: 0, error: 3 }, 'callers get an immediate error'],
    [{ cache: 1, fallback: 0, error: 3 }, 'callers get an immediate error (75 %), the last good response (25 %)'],
  ])('%j: %s', (answers, text) => expect(answersText(answers)).toBe(text));
});

describe('why a circuit opened', () => {
  it.each([
    [{ reason: 'consecutive_failures', failures: 3, cause: 'http_503' }, '3 failures in a row (http_503)'],
    [{ reason: 'consecutive_failures', failures: 1 }, 'one failure'],
    [{ reason: 'failure_rate', failures: 3, cause: 'timeout' }, 'failure rate (timeout)'],
    [{ reason: 'slow_call_rate' }, 'too many slow calls'],
    [{ reason: 'peers' }, 'other processes found it failing'],
  ] as const)('%j: %s', (entry, text) => expect(reasonText(entry)).toBe(text));
});

describe('the banner', () => {
  it('says what a problem is', () => {
    expect(problemText(rowWith(), 'open')).toBe('is down');
    expect(problemText(rowWith({ blockedBy: 'lyrio' }), 'blocked')).toBe('is blocked, because lyrio is open');
    expect(problemText(rowWith(), 'forced-open')).toBe('is forced open');
    expect(problemText(rowWith(), 'probing')).toBe('is being probed, down');
  });
});

describe('the timeline', () => {
  let id = 0;
  const entry = (circuit: string, kind: TimelineEntry['kind'], more: Partial<TimelineEntry> = {}): TimelineEntry => {
    id++;
    return { id, at: NOW + id, circuit, kind, ...more };
  };
  const opened = (circuit: string): TimelineEntry =>
    entry(circuit, 'open', { reason: 'consecutive_failures', failures: 3, cause: 'http_503', waitMs: 30_000 });
  const failedProbe = (circuit: string): readonly TimelineEntry[] => [
    entry(circuit, 'half_open'),
    entry(circuit, 'open', { reason: 'probe_failed', cause: 'http_500', waitMs: 30_000 }),
  ];
  const texts = (timeline: readonly TimelineEntry[]): readonly string[] =>
    condensed(timeline).map(({ entry: one, failedProbes }) => {
      return `${one.circuit} ${failedProbes > 0 ? probesText(one, failedProbes) : entryText(one)}`;
    });

  it('says each change in words', () => {
    expect(entryText(opened('ghl'))).toBe('opened: 3 failures in a row (http_503); probes 30 s later');
    expect(entryText(entry('ghl', 'closed', { downMs: 252_000 }))).toBe('closed after 4 min 12 s');
    expect(entryText(entry('ghl', 'closed'))).toBe('was closed');
    expect(entryText(entry('ghl', 'forced_open'))).toBe('was forced open');
    expect(entryText(entry('ghl', 'forced_closed'))).toBe('was forced closed');
    expect(entryText(entry('ghl', 'metrics_only'))).toBe('only counts, and does not open');
    expect(entryText(entry('*', 'config_reloaded', { detail: 'ghl, retell' }))).toBe('Configuration changed: ghl, retell');
    const threshold = entry('ghl', 'threshold_adapted', { detail: 'recoveryTimeoutMs', from: 60_000, to: 90_000 });
    expect(entryText(threshold)).toBe('adapted: recoveryTimeout 1 min 30 s instead of 1 min');
    expect(entryText(entry('ghl', 'threshold_proposed', { detail: 'failureThreshold', from: 3, to: 5 }))).toContain(
      'failureThreshold 5 instead of 3',
    );
    expect(entryText(entry('sign-in', 'token_refresh_failed', { detail: 'refused' }))).toBe('got no new token (refused)');
    expect(entryText(entry('sign-in', 'token_refreshed'))).toBe('got a new token again');
    expect(entryStanding(entry('sign-in', 'token_refresh_failed'))).toEqual({ icon: 'warning', standing: 'failing' });
    expect(entryText(entry('*', 'config_rejected', { detail: 'bad-value' }))).toContain('bad-value');
  });

  it('makes one line of the failed probes of an outage, whatever others do meanwhile', () => {
    const timeline = [
      opened('ghl'),
      ...failedProbe('ghl'),
      opened('retell'),
      ...failedProbe('ghl'),
      ...failedProbe('retell'),
      ...failedProbe('ghl'),
      entry('ghl', 'half_open'),
      entry('ghl', 'closed', { downMs: 120_000 }),
      opened('ghl'),
      ...failedProbe('ghl'),
    ];
    expect(texts(timeline)).toEqual([
      'ghl opened: 3 failures in a row (http_503); probes 30 s later',
      'retell opened: 3 failures in a row (http_503); probes 30 s later',
      'retell a probe failed (http_500); the next 30 s later',
      'ghl 3 probes failed (the last: http_500); the next 30 s later',
      'ghl is being probed',
      'ghl closed after 2 min',
      'ghl opened: 3 failures in a row (http_503); probes 30 s later',
      'ghl a probe failed (http_500); the next 30 s later',
    ]);
  });

  it('keeps every line of a timeline that begins in the middle', () => {
    expect(texts(failedProbe('ghl').slice(1))).toEqual(['ghl a probe failed (http_500); the next 30 s later']);
  });
});

it('counts whose they are, the commonest first', () => {
  expect(countsOf([])).toEqual([]);
  expect(countsOf(['lyrio', 'ghl', 'retell', 'ghl'])).toEqual([
    ['ghl', 2],
    ['lyrio', 1],
    ['retell', 1],
  ]);
});
