/** Describes the data of a circuit in words. These functions are pure, and independent of the page. */
import type { AnswerCounts, CircuitRow, TimelineEntry } from '../wire.js';
import { duration, percent } from './format.js';

/** The standings of circuits, the worst first. `group` is the filter that shows them. */
const STANDINGS = {
  open: { label: 'Open', icon: 'open', rank: 0, group: 'down' },
  'forced-open': { label: 'Forced open', icon: 'held', rank: 1, group: 'down' },
  blocked: { label: 'Blocked', icon: 'blocked', rank: 2, group: 'down' },
  probing: { label: 'Probing', icon: 'probing', rank: 3, group: 'probing' },
  failing: { label: 'Failing', icon: 'warning', rank: 4, group: 'failing' },
  ramping: { label: 'Ramping up', icon: 'ramping', rank: 5, group: 'closed' },
  'forced-closed': { label: 'Forced closed', icon: 'held', rank: 6, group: 'forced' },
  'metrics-only': { label: 'Metrics only', icon: 'held', rank: 6, group: 'forced' },
  off: { label: 'Off', icon: 'held', rank: 7, group: 'forced' },
  closed: { label: 'Closed', icon: 'closed', rank: 8, group: 'closed' },
} as const;

export type Standing = keyof typeof STANDINGS;
export type Group = (typeof STANDINGS)[Standing]['group'];

export function standingOf(row: CircuitRow): Standing {
  if (row.state === 'open') return row.forced === 'open' ? 'forced-open' : 'open';
  if (row.blockedBy !== null) return 'blocked';
  if (row.state === 'half_open') return 'probing';
  if (row.signIn !== null) return 'failing';
  if (row.forced === 'off') return 'off';
  if (row.forced === 'closed') return 'forced-closed';
  if (row.forced === 'metrics_only') return 'metrics-only';
  if (row.failing) return 'failing';
  return row.rampShare < 1 ? 'ramping' : 'closed';
}

export function wordsOf(standing: Standing): (typeof STANDINGS)[Standing] {
  return STANDINGS[standing];
}

const REASONS = {
  consecutive_failures: 'failures in a row',
  failures_in_window: 'failures in the window',
  failure_rate: 'failure rate',
  slow_call_rate: 'too many slow calls',
  failure_or_slow_rate: 'failed or slow calls',
  probe_failed: 'a probe failed',
  probe_expired: 'a probe took too long',
  peers: 'other processes found it failing',
} as const;

/** Returns why a circuit opened: `3 failures in a row (http_503)`. */
export function reasonText({ reason, failures, cause }: Pick<TimelineEntry, 'reason' | 'failures' | 'cause'>): string {
  if (reason === undefined) return '';
  const many = reason === 'consecutive_failures' && failures !== undefined && failures > 0;
  const what = many ? (failures === 1 ? 'one failure' : `${failures} failures in a row`) : REASONS[reason];
  return cause === undefined ? what : `${what} (${cause})`;
}

/** Returns what callers get instead of an answer, the most frequent first. */
export function answersText({ cache, fallback, error }: AnswerCounts): string {
  const parts = [
    ['the last good response', cache],
    ['a fallback', fallback],
    ['an immediate error', error],
  ] as const;
  const total = cache + fallback + error;
  const given = parts.filter(([, times]) => times > 0).sort(([, a], [, b]) => b - a);
  if (given.length === 0) return 'no calls since';
  if (given.length === 1) return `callers get ${given[0]?.[0]}`;
  const shares = given.map(([what, times]) => `${what} (${percent(times / total)})`);
  return `callers get ${shares.join(', ')}`;
}

/** Describes failed probes: `a probe failed (http_500); the next 8 s later`, `5 probes failed (the last: timeout); ...`. */
export function probesText({ reason, cause, waitMs }: TimelineEntry, failed: number): string {
  const why = cause ?? (reason === 'probe_expired' ? 'too slow' : undefined);
  const what = failed === 1 ? 'a probe failed' : `${failed} probes failed`;
  const last = why === undefined ? '' : failed === 1 ? ` (${why})` : ` (the last: ${why})`;
  return `${what}${last}; the next ${duration(waitMs ?? 0)} later`;
}

/** Returns the text of a timeline entry. It follows the name of the circuit. */
export function entryText(entry: TimelineEntry): string {
  switch (entry.kind) {
    case 'open':
      return `opened: ${reasonText(entry)}; probes ${duration(entry.waitMs ?? 0)} later`;
    case 'half_open':
      return 'is being probed';
    case 'closed':
      return entry.downMs === undefined ? 'was closed' : `closed after ${duration(entry.downMs)}`;
    case 'forced_open':
      return 'was forced open';
    case 'forced_closed':
      return `was forced closed${entry.downMs === undefined ? '' : ` after ${duration(entry.downMs)}`}`;
    case 'metrics_only':
      return 'only counts, and does not open';
    case 'config_reloaded':
      return `Configuration changed: ${entry.detail}`;
    case 'config_rejected':
      return `Configuration rejected (${entry.detail}); the settings before it still apply`;
    case 'threshold_adapted':
      return `adapted: ${thresholdText(entry)}`;
    case 'threshold_proposed':
      return `could use ${thresholdText(entry)}`;
    case 'token_refresh_failed':
      return `got no new token (${entry.detail})`;
    case 'token_refreshed':
      return 'got a new token again';
  }
}

/** Returns `failureThreshold 5 instead of 3`. Durations have their unit. */
function thresholdText({ detail = '', from = 0, to = 0 }: TimelineEntry): string {
  const shown = (value: number): string => (detail.endsWith('Ms') ? duration(value) : String(value));
  return `${detail.replace(/Ms$/, '')} ${shown(to)} instead of ${shown(from)}`;
}

/** Returns the icon of a timeline entry, and the standing whose colour it has. */
export function entryStanding({ kind }: TimelineEntry): { readonly icon: string; readonly standing: Standing } {
  switch (kind) {
    case 'open':
      return { icon: 'open', standing: 'open' };
    case 'forced_open':
      return { icon: 'held', standing: 'forced-open' };
    case 'half_open':
      return { icon: 'probing', standing: 'probing' };
    case 'closed':
      return { icon: 'closed', standing: 'closed' };
    case 'forced_closed':
    case 'metrics_only':
      return { icon: 'held', standing: 'forced-closed' };
    case 'config_reloaded':
    case 'threshold_adapted':
    case 'threshold_proposed':
      return { icon: 'gear', standing: 'closed' };
    case 'token_refreshed':
      return { icon: 'closed', standing: 'closed' };
    case 'config_rejected':
    case 'token_refresh_failed':
      return { icon: 'warning', standing: 'failing' };
  }
}

/** Returns the problem of a circuit for the banner, as a sentence without the name of the circuit. */
export function problemText(row: CircuitRow, standing: Standing): string {
  if (standing === 'blocked') return `is blocked, because ${row.blockedBy} is open`;
  if (standing === 'forced-open') return 'is forced open';
  if (standing === 'probing') return 'is being probed, down';
  return 'is down';
}

/** Returns each name once with its count, the most common first. */
export function countsOf(names: readonly string[]): readonly (readonly [name: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
