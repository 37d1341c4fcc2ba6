import type { Clock } from '../clock.js';

/** Waits for `work`, but no longer than `limitMs`. Rejects with what `late` returns if the work takes longer. Its answer is then dropped. */
export function limited<T>(clock: Clock, limitMs: number, work: () => PromiseLike<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(late()), limitMs);
    work().then(
      (value) => {
        clock.clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clock.clearTimeout(timer);
        reject(error);
      },
    );
  });
}
