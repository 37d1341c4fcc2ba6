import { Loopback } from '../../test/support/loopback.js';
import type { Candidate } from './candidate.js';
import type { Fault } from './faults.js';

/** Longer than anybody would wait; who is not done by then is reported as such. */
export const CAP_MS = 10_000;

/** What one library did about one fault. */
export interface Observation {
  /** Requests that the server saw until the call settled. */
  readonly attempts: number;
  /** From the call to its end, in milliseconds; undefined where the cap came first. */
  readonly settledMs: number | undefined;
  readonly end: 'answer' | 'error' | 'waiting' | 'no such option';
}

/** Makes the call, and watches it from both ends. */
export async function observe(candidate: Candidate, fault: Fault): Promise<Observation> {
  if (fault.abortAfterMs !== undefined && !candidate.takesSignal) return { attempts: 0, settledMs: undefined, end: 'no such option' };
  const server = (await Loopback.start()).answer(fault.answer);
  const aborter = fault.abortAfterMs === undefined ? undefined : new AbortController();
  const timeoutMs = candidate.takesTimeout ? fault.timeoutMs : undefined;
  let cap: NodeJS.Timeout | undefined;
  const capped = new Promise<'waiting'>((resolve) => {
    cap = setTimeout(resolve, CAP_MS, 'waiting');
  });
  const started = performance.now();
  const call = candidate[fault.method ?? 'read']({ origin: server.origin, timeoutMs, signal: aborter?.signal });
  const abort = aborter === undefined ? undefined : setTimeout(() => aborter.abort(), fault.abortAfterMs);
  const settled = call.then(
    () => 'answer' as const,
    () => 'error' as const,
  );
  const end = await Promise.race([settled, capped]);
  const settledMs = end === 'waiting' ? undefined : performance.now() - started;
  const attempts = server.requests.length;
  clearTimeout(cap);
  clearTimeout(abort);
  // Whoever is still waiting is left alone: one of them sleeps for the hour that the server asked for.
  await server.stop();
  return { attempts, settledMs, end };
}
