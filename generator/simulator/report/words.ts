import type { StateChange } from '../result/circuits.js';

/** Returns milliseconds from the start as `5:00.312` or `1:05:00`. */
export function offset(ms: number, withFraction = true): string {
  const whole = Math.round(ms);
  const fraction = whole % 1_000;
  const seconds = Math.floor(whole / 1_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const clock = `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds % 60)}`;
  return withFraction && fraction > 0 ? `${clock}.${String(fraction).padStart(3, '0')}` : clock;
}

/** Returns a time as text, or `–` for none. */
export function time(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 100_000) return `${Number((ms / 1_000).toPrecision(3))} s`;
  const seconds = Math.round(ms / 1_000);
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h${minutes === 0 ? '' : ` ${minutes} min`}`;
  return `${minutes} min${seconds % 60 === 0 ? '' : ` ${seconds % 60} s`}`;
}

export function count(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

/** Returns a percentage from 0 to 100. Values near 0 or 100 are not rounded to 0 or 100. */
export function percent(value: number | null): string {
  if (value === null) return '–';
  const digits = value === 0 || value === 100 || (value >= 1 && value <= 99) ? 1 : 2;
  const text = value.toFixed(digits);
  if (value < 100 && Number(text) === 100) return '> 99.99 %';
  if (value > 0 && Number(text) === 0) return '< 0.01 %';
  return `${Number(text)} %`;
}

export const STATE_NAMES: Readonly<Record<string, string>> = {
  closed: 'closed',
  open: 'open',
  half_open: 'half-open',
  forced_open: 'forced open',
  forced_closed: 'off',
  metrics_only: 'metrics only',
};

/** Returns the reason of a circuit's change: `3 failures in a row, probes after 60 s`. */
export function changeText({ to, reason, failures, waitMs, downMs, window, falseOpen }: StateChange): string {
  if (to === 'closed') return downMs === undefined ? '' : `after ${time(downMs)}`;
  if (to !== 'open') return '';
  const wait = waitMs === undefined ? '' : `, probes after ${time(waitMs)}`;
  const calls = window === undefined ? '' : ` of ${count(window.calls)} calls`;
  const why = {
    consecutive_failures: failures === 1 ? 'a failure' : `${failures} failures in a row`,
    failures_in_window: `${count(window?.failed ?? failures)} failures in the window`,
    failure_rate: `${count(window?.failed ?? failures)}${calls} failed`,
    slow_call_rate: `${count(window?.slow ?? 0)} calls slow, with ${count(window?.calls ?? 0)} ended`,
    failure_or_slow_rate: `${count((window?.failed ?? 0) + (window?.slow ?? 0))} failed or slow, with ${count(window?.calls ?? 0)} ended`,
    probe_failed: 'a probe failed',
    probe_expired: 'a probe did not come back in time',
    peers: 'other processes found it down',
  };
  const unneeded =
    falseOpen === undefined ? '' : falseOpen === 'healthy' ? ' (false open: the service was healthy)' : ' (false open: closed immediately)';
  return `${reason === undefined ? 'opened' : why[reason]}${wait}${unneeded}`;
}
