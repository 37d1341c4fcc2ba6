import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../../clock.js';

/** Waits for the work, for at most `limitMs`. Returns false if the work has not ended by then. The work itself goes on. */
export async function endsWithin(clock: Clock, limitMs: number, work: Promise<unknown>): Promise<boolean> {
  let timer: TimerHandle | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = clock.setTimeout(() => resolve(false), Math.min(Math.max(limitMs, 0), MAX_TIMER_MS));
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    if (timer !== undefined) clock.clearTimeout(timer);
  }
}
