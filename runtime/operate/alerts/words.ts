import type { Alert } from './alert.js';

/** Returns `45 s`, `3 min 20 s`, `2 h 5 min` or `1 d 3 h`, with at most two units. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  return units
    .slice(first, first + 2)
    .map(([unit, size], index) => [Math.floor((index === 0 ? seconds : seconds % (units[first]?.[1] ?? 1)) / size), unit] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** Returns `2026-02-15 12:00:03 UTC`, because readers are in any time zone. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Returns `91.3 %`, rounded down, so that a rate below a limit is not shown as the limit. */
export function percentText(share: number): string {
  return `${Number((Math.floor(share * 1_000 + 1e-9) / 10).toFixed(1))} %`;
}

/** Returns `http_503 ×4, timeout`, the most common first. */
export function causesText(causes: Readonly<Record<string, number>>): string {
  return Object.entries(causes)
    .sort(([, a], [, b]) => b - a)
    .map(([cause, count]) => (count === 1 ? cause : `${cause} ×${count}`))
    .join(', ');
}

/** Returns the facts of a message as labels and texts, without its links, for channels with a layout of their own. */
export function factsOf(alert: Alert): readonly (readonly [label: string, text: string])[] {
  const { status, service, circuit, circuits, severity, since, durationMs, why, callersGet, nextProbe, environment, source, untold } =
    alert;
  const facts: [string, string][] = [
    ['Service', service],
    circuits.length > 1 ? ['Circuits', `${circuits.length}: ${someOf(circuits, LISTED)}`] : ['Circuit', circuit],
    ['Severity', severity],
    ['Since', `${timeText(since)} (${durationText(durationMs)})`],
    ['Why', why],
    ['Callers get', callersGet],
    ['Next probe', nextProbe],
    ['Not reported before', untold === 0 ? '' : `opened ${untold === 1 ? 'once' : `${untold} times`} within the cooldown`],
    ['Seen by', environment === null ? source : `${source} (${environment})`],
  ];
  if (status === 'resolved') facts[3] = ['Trouble', `${timeText(since)}, for ${durationText(durationMs)}`];
  return facts.filter(([label, text]) => text !== '' && !(label === 'Circuit' && text === service));
}

/** The most circuits that a message names. */
const LISTED = 10;

/** Returns `a, b, c and 7 more`. */
export function someOf(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ');
  return names.length <= most ? shown : `${shown} and ${names.length - most} more`;
}

/** Returns the whole message as plain text. */
export function plainText(alert: Alert): string {
  const lines = factsOf(alert).map(([label, text]) => `${label}: ${text}`);
  lines.push(`Runbook: ${alert.runbook}`);
  if (alert.dashboard !== null) lines.push(`Dashboard: ${alert.dashboard}`);
  return `${alert.title}\n\n${lines.join('\n')}\n\nIncident ${alert.incident}`;
}

/** Returns `[CRITICAL] ghl: circuit open`, for subjects and summaries. */
export function headline({ status, severity, title }: Alert): string {
  return `[${status === 'resolved' ? 'RESOLVED' : severity.toUpperCase()}] ${title}`;
}

/** Returns one line of at most `length` characters without control characters. Names of users can hold anything. */
export function oneLine(text: string, length: number): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`;
}
