import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as (options?: { readonly type: 'minor' }) => void;

/** Bytes of the heap that are in use once everything that can go is gone. */
export async function heapInUse(): Promise<number> {
  // Several times: what finalizers let go of, and what only a full collection promotes and frees, goes in the next.
  for (let n = 0; n < 4; n++) {
    gc({ type: 'minor' });
    gc();
    await pause(20);
  }
  return process.memoryUsage().heapUsed;
}

/** Sockets, look-ups and timers that keep the process alive, by name. */
export function activeResources(): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (/^(?:TCP|Timeout|GetAddrInfo|Immediate)/.test(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Asks again and again until it holds; false where it does not within `limitMs`. */
export async function eventually(holds: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  const until = performance.now() + limitMs;
  for (;;) {
    if (await holds()) return true;
    if (performance.now() > until) return false;
    await pause(25);
  }
}

/** Calls `onSecond` for every promise that is settled a second time, while Node still reports it (deprecated, DEP0160). */
export function watchSecondSettlements(kind: new (...args: never[]) => object, onSecond: () => void): void {
  process.on('multipleResolves', (_, promise) => {
    if (promise instanceof kind) onSecond();
  });
}
