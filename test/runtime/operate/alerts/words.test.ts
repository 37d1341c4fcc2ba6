import { describe, expect, it } from 'vitest';
import {
  causesText,
  durationText,
  factsOf,
  headline,
  oneLine,
  percentText,
  plainText,
  timeText,
} from '../../../../runtime/operate/alerts/words.js';
import { alert } from './alert.js';

describe('words', () => {
  it.each([
    [0, '0 s'],
    [999, '1 s'],
    [59_400, '59 s'],
    [59_600, '1 min'],
    [200_000, '3 min 20 s'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [97_200_000, '1 d 3 h'],
    [-5, '0 s'],
  ])('%d ms: %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it.each([
    [1, '100 %'],
    [0.95, '95 %'],
    [0.9497, '94.9 %'],
    [0.29, '29 %'],
    [0, '0 %'],
  ])('%d: %s', (share, text) => {
    expect(percentText(share)).toBe(text);
  });

  it('times, causes and lines', () => {
    expect(timeText(Date.UTC(2026, 1, 15, 12, 0, 3))).toBe('2026-02-15 12:00:03 UTC');
    expect(causesText({ timeout: 1, http_503: 4 })).toBe('http_503 ×4, timeout');
    expect(oneLine('a\r\nb\u2028c', 20)).toBe('a b c');
    expect(oneLine('abcdef', 4)).toBe('abc…');
  });

  it('a message as text', () => {
    expect(plainText(alert())).toBe(
      [
        'ghl: circuit open, calls are refused',
        '',
        'Service: ghl',
        'Severity: critical',
        'Since: 2026-01-01 00:00:00 UTC (2 s)',
        'Why: 3 failures in a row (http_503 ×3)',
        'Callers get: an immediate error (CircuitOpenError)',
        'Next probe: with the next call',
        'Seen by: host-1 (production)',
        'Runbook: https://wiki.example.com/circuit-open',
        'Dashboard: https://ops.example.com/?a=1&b=2',
        '',
        'Incident ghl-abc',
      ].join('\n'),
    );
    expect(headline(alert())).toBe('[CRITICAL] ghl: circuit open, calls are refused');
  });

  it('facts of an end, and of what was not told', () => {
    const facts = Object.fromEntries(
      factsOf(alert({ status: 'resolved', circuit: 'ghl/contacts', untold: 2, callersGet: '', environment: null })),
    );
    expect(facts).toMatchObject({
      Circuit: 'ghl/contacts',
      Trouble: '2026-01-01 00:00:00 UTC, for 2 s',
      'Not reported before': 'opened 2 times within the cooldown',
      'Seen by': 'host-1',
    });
    expect(facts).not.toHaveProperty('Callers get');
    expect(headline(alert({ status: 'resolved', severity: 'info' }))).toMatch(/^\[RESOLVED\] /);
  });
});
