/** Formats numbers and times for people. Every figure has its unit. */

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const timeWithSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});
const whole = new Intl.NumberFormat('en');

/** Returns `14:03`, with the day if it is not today. */
export function moment(at: number, now: number): string {
  return sameDay(at, now) ? timeOfDay.format(at) : dayAndTime.format(at);
}

/** Returns `14:03:07`, with the day if it is not today. */
export function precise(at: number, now: number): string {
  return sameDay(at, now) ? timeWithSeconds.format(at) : dayAndTime.format(at);
}

/** Returns `12 s`, `4 min 12 s`, `2 h 05 min` or `3 d 4 h`, and `0.4 s` below a second. */
export function duration(ms: number): string {
  const left = Math.max(0, ms);
  if (left < 950) return `${(Math.round(left / 100) / 10).toFixed(1)} s`;
  const seconds = Math.round(left / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 || minutes >= 20 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** As `duration`, for an ongoing state: whole seconds, at least one. */
export function age(ms: number): string {
  return duration(Math.max(1, Math.floor(ms / 1000)) * 1000);
}

/** As `duration`, for a countdown: whole seconds, and 0 only at the end. */
export function countdown(ms: number): string {
  return duration(Math.ceil(Math.max(0, ms) / 1000) * 1000).replace(/^0\.0 s$/, '0 s');
}

/** Returns `just now`, `12 s ago`, `4 min ago` or `3 d ago`. */
export function ago(ms: number): string {
  if (ms < 2_000) return 'just now';
  if (ms < 60_000) return `${Math.floor(ms / 1000)} s ago`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`;
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ago`;
  return `${Math.floor(ms / 86_400_000)} d ago`;
}

/** Returns `7`, `1,204`, `12.3k` or `4.1M`. */
export function count(value: number): string {
  if (value < 10_000) return whole.format(Math.round(value));
  return value < 999_500 ? `${digits(value / 1_000)}k` : `${digits(value / 1_000_000)}M`;
}

/** Returns `1 failure` or `3 failures`. */
export function times(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}

/** Returns a rate per second: `0`, `0.05`, `1.2`, `42` or `1.3k`. */
export function rate(value: number): string {
  if (value <= 0) return '0';
  if (value < 0.095) return value < 0.005 ? '<0.01' : value.toFixed(2);
  return value >= 9_950 ? count(value) : value >= 995 ? `${digits(value / 1_000)}k` : digits(value);
}

/** Returns a share as `0 %`, `<0.1 %`, `2.4 %`, `38 %` or `>99 %`. Only the exact values are `0 %` and `100 %`. */
export function percent(share: number): string {
  const value = share * 100;
  if (value <= 0) return '0 %';
  if (value < 0.1) return '<0.1 %';
  if (value >= 99.5 && value < 100) return '>99 %';
  return `${digits(value)} %`;
}

/** Returns `0.4 ms`, `12 ms`, `340 ms`, `1.2 s` or `48 s`. */
export function milliseconds(ms: number): string {
  if (ms < 0.05) return '<0.1 ms';
  return ms < 999.5 ? `${digits(ms)} ms` : `${digits(ms / 1000)} s`;
}

/** Rounds to one decimal below 10, and to a whole number above. */
function digits(value: number): string {
  if (value >= 9.95) return String(Math.round(value));
  const text = value.toFixed(1);
  return text.endsWith('.0') ? text.slice(0, -2) : text;
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
