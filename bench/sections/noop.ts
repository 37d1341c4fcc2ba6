import { CircuitBreaker } from '../../runtime/index.js';
import { protect } from '../../runtime/protect/index.js';
import { measure, type Variant } from '../measure.js';
import { ratioMark, ratios } from '../pair-report.js';
import { inTurn, measurePairs } from '../pairs.js';
import { cockatielBreaker, cockatielPolicy, FAILURES, opossumBreaker, RECOVERY_MS, TIMEOUT_MS } from '../peers.js';
import { comparison } from '../report.js';
import { hand, plan } from '../settings.js';

const noop = async (): Promise<number> => 1;
const thresholds = { failureThreshold: FAILURES, recoveryTimeoutMs: RECOVERY_MS };

function variant(name: string, call: () => Promise<number>): Variant {
  return {
    name,
    async run(calls) {
      let sum = 0;
      for (let at = 0; at < calls; at++) sum += await call();
      if (sum !== calls) throw new Error('a wrong answer');
    },
  };
}

const protectedNoop = protect(noop, { breaker: new CircuitBreaker(thresholds), timeoutMs: TIMEOUT_MS });
const breakerOnly = new CircuitBreaker(thresholds);
const cockatiel = cockatielPolicy();
const cockatielOnly = cockatielBreaker();
const opossum = opossumBreaker(noop);
const opossumOnly = opossumBreaker(noop, false);

const rows = await measure(
  [
    variant('fuseline protect: breaker + deadline', () => protectedNoop()),
    variant('the same again (A/A)', () => protectedNoop()),
    variant('cockatiel: breaker + timeout', () => cockatiel.execute(noop)),
    variant('opossum: breaker + timeout', () => opossum.fire()),
    variant('fuseline breaker.call', () => breakerOnly.call(noop)),
    variant('cockatiel: breaker', () => cockatielOnly.execute(noop)),
    variant('opossum: breaker', () => opossumOnly.fire()),
    variant('unprotected', () => noop()),
  ],
  plan({ rounds: 25, batchMs: 40 }, { rounds: 9, batchMs: 25 }),
);
const ours = inTurn(() => protectedNoop());
const pairs = await measurePairs(
  [
    { name: 'fuseline protect, the same again (A/A)', base: ours, own: inTurn(() => protectedNoop()) },
    { name: 'breaker + deadline against cockatiel', base: inTurn(() => cockatiel.execute(noop)), own: ours },
    { name: 'breaker + deadline against opossum', base: inTurn(() => opossum.fire()), own: ours },
    { name: 'breaker.call against cockatiel', base: inTurn(() => cockatielOnly.execute(noop)), own: inTurn(() => breakerOnly.call(noop)) },
  ],
  plan({ rounds: 41, batchMs: 20 }, { rounds: 11, batchMs: 15 }),
);
opossum.shutdown();
opossumOnly.shutdown();

hand({
  tables: [comparison('A protected async no-op', rows, 'ns'), ratios('A protected async no-op, in pairs', pairs, 'ns')],
  marks: [
    ratioMark('No-op, breaker + deadline: CPU against cockatiel', pairs, 1, 0.5),
    ratioMark('No-op, breaker + deadline: CPU against opossum', pairs, 2, 0.4),
    ratioMark('No-op, breaker.call: CPU against cockatiel', pairs, 3, 1),
  ],
});
process.exit(0);
