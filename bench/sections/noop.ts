import { CircuitBreaker } from '../../runtime/index.js';
import { protect } from '../../runtime/protect/index.js';
import { measure, type Variant } from '../measure.js';
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
opossum.shutdown();
opossumOnly.shutdown();

const ratio = (ours: number, theirs: number): number => (rows[ours]?.cpuNs ?? Number.NaN) / (rows[theirs]?.cpuNs ?? Number.NaN);
hand({
  tables: [comparison('A protected async no-op', rows, 'ns')],
  marks: [
    { name: 'No-op, breaker + deadline: CPU against cockatiel', value: ratio(0, 2), limit: 0.5, unit: '' },
    { name: 'No-op, breaker + deadline: CPU against opossum', value: ratio(0, 3), limit: 0.5, unit: '' },
  ],
});
process.exit(0);
