import type { BreakersConfig } from './breakers-config.js';
import { RETRY_TUNING } from './keys.js';
import { fromPointer, toPointer } from './pointer.js';
import type { Target } from './targets.js';
import type { PlacedFinding } from './validate.js';

/** Returns milliseconds in readable form: `45 s`, `250 ms`, `2 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${round(ms)} ms`;
  if (ms < 600_000) return `${round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${round(ms / 60_000)} min` : `${round(ms / 3_600_000)} h`;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** The scopes of layers, widest first. */
const LEVELS = ['default', 'service', 'resource', 'operation'] as const;

/** Warns about settings such as `retry: { max_attempts: 5 }` that have no effect, because another layer turned retries off with `retry: false`. */
export function retryIsOff({ title, values, layers, setter }: Target, config: BreakersConfig): readonly PlacedFinding[] {
  const off = setter('retryEnabled');
  if (values.retryEnabled || off?.path === undefined) return [];
  return RETRY_TUNING.flatMap((key): readonly PlacedFinding[] => {
    const tuned = setter(key);
    if (tuned?.path === undefined || tuned.strength <= off.strength || level(tuned.origin) < level(off.origin)) return [];
    if (layers[tuned.strength]?.values.retryEnabled !== undefined) return [];
    const line = off.path && config.source.locate(off.path)?.line;
    return [
      {
        severity: 'warning',
        code: 'retry-is-off',
        message: `these retry settings of ${title} have no effect: retries are switched off${line === undefined ? '' : ` in line ${line}`}`,
        hint: 'Add `enabled: true` beside them to switch retries on.',
        path: tuned.path.map(String).slice(0, -1),
        anchor: 'key',
      },
    ];
  });
}

function level(origin: string): number {
  return LEVELS.findIndex((name) => new RegExp(`(^|: )${name}`).test(origin));
}

/** Finds fallback steps that are never reached, and values that JSON cannot represent. */
export function fallbackFindings({ values, setter }: Target): readonly PlacedFinding[] {
  const place = setter('fallback');
  if (place?.path === undefined) return [];
  const path = place.path.map(String);
  const found: PlacedFinding[] = [];
  const last = values.fallback.findIndex(({ kind }) => kind === 'value');
  if (last !== -1 && last < values.fallback.length - 1) {
    const message = 'this step is never reached: the value before it always answers';
    found.push({
      severity: 'warning',
      code: 'unreachable-fallback',
      message,
      hint: 'Put the value last.',
      path: [...path, String(last + 1)],
      anchor: 'value',
    });
  }
  values.fallback.forEach((step, index) => {
    if (step.kind !== 'value') return;
    const odd = notFinite(step.value, '');
    if (odd === undefined) return;
    const list = values.fallback.length > 1 ? [String(index)] : [];
    const message = 'a fallback value is not a finite number, expected what JSON can say';
    found.push({ code: 'bad-fallback-value', message, path: [...path, ...list, 'value', ...fromPointer(odd)], anchor: 'value' });
  });
  return found;
}

/** Returns the JSON pointer of the first number that JSON cannot represent. */
function notFinite(value: unknown, pointer: string): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : pointer;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const found = notFinite(part, pointer + toPointer([key]));
    if (found !== undefined) return found;
  }
  return undefined;
}
