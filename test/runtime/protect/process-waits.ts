/** Run in a process of its own, in which nothing but what is waited for could keep it alive. */
import { CircuitBreaker } from 'fuseline';
import { Bulkhead, protect } from 'fuseline/protect';

const breaker = new CircuitBreaker({ failureThreshold: 100 });
const never = new Promise<void>(() => undefined);
const name = (error: unknown): string => (error as Error).name;

const limited = protect(() => never, { breaker, timeoutMs: 20 });
// Twice, one after the other: the second finds the timer that the first has left.
console.log(await limited().catch(name), await limited().catch(name));
await protect(() => 1, { breaker, timeoutMs: 30 })();
console.log(await protect(() => never, { breaker, timeoutMs: 30 })().catch(name));
console.log(await protect(() => never, { breaker, totalTimeoutMs: 20 })().catch(name));
const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: 20 });
void bulkhead.call(() => never);
console.log(await bulkhead.call(() => 1).catch(name));
