/**
 * Run as a process of its own, with `--frozen-intrinsics`: fails in each way in which a call or a function can fail, and prints the kind of each
 * error. `process.argv[2]` is a server that answers by path, `process.argv[3]` a port that refuses.
 */
import type { FuselineError, Operation, RetryExhaustedError, ServiceClient } from 'fuseline';
import { getCircuitBreaker, protect } from 'fuseline/protect';
import { tiers } from 'fuseline/tiers';
import { AT_ONCE, errorOf, operation, testClient } from '../support/client.js';

const [, , origin = '', refusing = ''] = process.argv;
const OFTEN = { failureThreshold: 1_000 };
const client = (options: Parameters<typeof testClient>[0] = {}): ServiceClient =>
  testClient({ baseUrl: origin, token: 't', retry: false, breaker: OFTEN, ...options });
const at = (path: string): Operation => operation({ path });

async function say(kind: FuselineError['kind'], promise: Promise<unknown>): Promise<void> {
  const error = (await errorOf(promise)) as FuselineError;
  console.log(kind, error.kind, error.stack?.startsWith(`${error.name}: ${error.message}`));
}

await say('http', client().call(at('/503'), {}));
await say('retry_exhausted', client({ retry: { ...AT_ONCE, maxAttempts: 2 } }).call(at('/503'), {}));
await say('response', client().call(at('/html'), {}));
await say('network', client({ baseUrl: refusing }).call(at('/'), {}));
await say('timeout', client({ timeoutMs: 20 }).call(at('/hang'), {}));
await say('timeout', client({ totalTimeoutMs: 20 }).call(at('/hang'), {}));
await say('request', client().call(operation({ path: '/{id}', params: [{ key: 'id', in: 'path', required: true }] }), {}));
await say('configuration', client().call(at('/503'), {}, { timeoutMs: -1 }));

const open = client({ breaker: { failureThreshold: 1 } });
open.breaker('things.get').forceOpen();
await say('circuit_open', open.call(at('/503'), {}));

const leaving = new AbortController();
const left = client().call(at('/hang'), {}, { signal: leaving.signal }).result();
leaving.abort();
const result = await left;
await say('aborted', Promise.reject(result.ok ? undefined : result.error));

const narrow = client({ bulkhead: { maxConcurrent: 1 }, timeoutMs: 1_000 });
const holding = narrow.call(at('/hang'), {}).result();
await say('bulkhead_full', narrow.call(at('/hang'), {}));
await holding;
const slow = client({ rateLimit: { requests: 1, perMs: 60_000, maxWaitMs: 0 } });
await errorOf(slow.call(at('/503'), {}));
await say('rate_limited', slow.call(at('/503'), {}));

const fails = (): Promise<never> => Promise.reject(new Error('down'));
const breaker = getCircuitBreaker('frozen', OFTEN);
const twice = protect(fails, { breaker, retry: { ...AT_ONCE, maxAttempts: 2 } });
const exhausted = (await errorOf(twice())) as RetryExhaustedError;
await say('thrown', Promise.reject(exhausted.lastError));
await say('timeout', protect(() => new Promise(() => undefined), { breaker, timeoutMs: 20 })());
await say('tiers_failed', tiers([{ name: 'one', run: fails }])());
console.log('ended');
