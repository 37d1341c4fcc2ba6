/** The time of fake timers. */
export interface FakeSource {
  /** Milliseconds from any start. */
  read(): number;
  /** How many milliseconds of it have passed since the timers were faked, as far as this can be known; else 0. */
  readonly sinceStart: number;
  /** It can still be read when the real timers are back. */
  readonly outlives: boolean;
}

/**
 * Finds the time of the fake timers that are installed now: what says where their time began first.
 *
 * - The clock of sinon, Jest and Vitest hangs at the functions that they replace. Its `performance` begins at 0, whether or not the global one is faked.
 * - Another `performance`, which may have begun anywhere.
 * - Another `Date`: `mock.timers` of node:test begins it at 0, or where the test says, most often now.
 *
 * If neither is faked, this is real time, and the clock adds the time of its own timers that fire.
 */
export function fakeSource(realPerformance: typeof performance, realPerformanceNow: () => number, realDateNow: () => number): FakeSource {
  const { clock } = setTimeout as { readonly clock?: { readonly performance?: { now?: unknown } } };
  const ofClock = clock?.performance;
  if (typeof ofClock?.now === 'function') {
    const read = (): number => (ofClock as { now(): number }).now();
    return { read, sinceStart: Math.max(0, read() || 0), outlives: true };
  }
  const { now } = performance;
  if (performance !== realPerformance || now !== realPerformanceNow)
    return { read: () => performance.now(), sinceStart: 0, outlives: false };
  const wall = Date.now();
  if (Date.now === realDateNow) return { read: () => realPerformance.now(), sinceStart: 0, outlives: true };
  return { read: () => Date.now(), sinceStart: plausible(wall) || plausible(wall - realDateNow()), outlives: false };
}

const DAY_MS = 86_400_000;

/** A longer time is no time that a test let pass before it used a client, but a date that it chose. */
function plausible(sinceStart: number): number {
  return sinceStart > 0 && sinceStart <= DAY_MS ? sinceStart : 0;
}
