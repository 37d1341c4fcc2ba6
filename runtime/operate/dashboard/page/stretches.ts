/** The states of a circuit in the recent past, as periods. These functions are pure, and independent of the page. */
import type { CircuitRow } from '../wire.js';
import { duration } from './format.js';

/** The length of the strip, in milliseconds. */
export const STRIP_MS = 15 * 60_000;

type Kind = CircuitRow['periods'][number][1];
export type Shape = 'closed' | 'probing' | 'open' | 'held';

const SHAPES: { readonly [K in Kind]: Shape } = {
  open: 'open',
  forced_open: 'held',
  half_open: 'probing',
  closed: 'closed',
  forced_closed: 'closed',
  metrics_only: 'closed',
};

/** One period of a circuit's past. */
export interface Stretch {
  readonly shape: Shape;
  readonly from: number;
  readonly to: number;
}

/** Returns the states between `now - STRIP_MS` and `now`, as far as they are known. Before its first change a circuit was closed. */
export function stretchesOf({ periods, begun, since, state, forced }: CircuitRow, now: number): readonly Stretch[] {
  const start = now - STRIP_MS;
  const known: (readonly [number, Shape])[] = periods.map(([at, kind]) => [at, SHAPES[kind]] as const);
  const current: Shape = state === 'open' ? (forced === 'open' ? 'held' : 'open') : state === 'half_open' ? 'probing' : 'closed';
  // An open circuit becomes ready to probe without an event.
  if (known.at(-1)?.[1] !== current) known.push([since, current]);
  const all: (readonly [number, Shape])[] = known[0]?.[1] === 'closed' ? known : [[begun, 'closed'], ...known];
  return all
    .map(([at, shape], n) => ({ shape, from: Math.max(start, at), to: all[n + 1]?.[0] ?? now }))
    .filter(({ from, to }) => to > from);
}

/** Describes the strip for screen readers. */
export function spoken(stretches: readonly Stretch[]): string {
  const down = stretches.filter(({ shape }) => shape === 'open' || shape === 'held');
  if (down.length === 0) return 'Not open in the last 15 minutes';
  const total = down.reduce((sum, { from, to }) => sum + to - from, 0);
  return `Open ${down.length === 1 ? 'once' : `${down.length} times`} in the last 15 minutes, ${duration(total)} in all`;
}
