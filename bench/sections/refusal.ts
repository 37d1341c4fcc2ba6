import { fallback, handleAll, wrap } from 'cockatiel';
import { BreakerRegistry, CircuitBreaker, value } from '../../runtime/index.js';
import { protect } from '../../runtime/protect/index.js';
import { contactsGet, ServiceClient, service } from '../client.js';
import { measure, type Variant } from '../measure.js';
import { memoryDispatcher } from '../memory-dispatcher.js';
import { cockatielBreaker, opossumBreaker, TIMEOUT_MS } from '../peers.js';
import { comparison } from '../report.js';
import { hand, plan } from '../settings.js';

const noop = async (): Promise<unknown> => 1;
const params = { contactId: 'c0ffee0000000000000001' };
const empty = { contact: null };

/** Something else than the function must answer. */
function answered(name: string, call: () => Promise<unknown>): Variant {
  return {
    name,
    async run(calls) {
      for (let at = 0; at < calls; at++) {
        const answer = await call();
        if ((answer as typeof empty).contact !== null) throw new Error(`${name}: not the fallback's answer`);
      }
    },
  };
}

/** The call must be rejected. */
function rejected(name: string, call: () => Promise<unknown>): Variant {
  return {
    name,
    async run(calls) {
      let refused = 0;
      for (let at = 0; at < calls; at++) {
        try {
          await call();
        } catch {
          refused++;
        }
      }
      if (refused !== calls) throw new Error(`${name}: the circuit is not open`);
    },
  };
}

/** A call through a client whose circuit is open. */
function openClient(fallbacks: object): () => Promise<unknown> {
  const registry = new BreakerRegistry();
  const client = new ServiceClient(service, { token: 'bench-token', dispatcher: memoryDispatcher(), registry, env: {}, fallbacks });
  void client.call(contactsGet, params);
  for (const circuit of registry.list()) circuit.forceOpen();
  return () => client.call(contactsGet, params);
}

const circuit = new CircuitBreaker();
circuit.forceOpen();
const protectedNoop = protect(noop, { breaker: circuit, timeoutMs: TIMEOUT_MS });

const cockatiel = cockatielBreaker();
cockatiel.isolate();
const cockatielFallback = wrap(
  fallback(handleAll, () => empty),
  cockatiel,
);
const [opossum, opossumFallback] = [opossumBreaker(noop), opossumBreaker(noop)];
for (const breaker of [opossum, opossumFallback]) breaker.open();
opossumFallback.fallback(() => empty);

const rounds = plan({ rounds: 15, batchMs: 30 }, { rounds: 7, batchMs: 20 });
const functionAnswers = openClient({ 'contacts.get': () => empty });
const withFallback = await measure(
  [
    answered('fuseline client, fallback function', functionAnswers),
    answered('the same again (A/A)', functionAnswers),
    answered('fuseline client, fallback value (a copy each)', openClient({ 'contacts.get': value(empty) })),
    answered('cockatiel: fallback + breaker', () => cockatielFallback.execute(noop)),
    answered('opossum: fallback + breaker', () => opossumFallback.fire()),
  ],
  rounds,
);
const withError = await measure(
  [
    rejected('fuseline client', openClient({})),
    rejected('fuseline protect', () => protectedNoop()),
    rejected('fuseline breaker.call', () => circuit.call(noop)),
    rejected('cockatiel: breaker', () => cockatiel.execute(noop)),
    rejected('opossum: breaker', () => opossum.fire()),
  ],
  rounds,
);
opossum.shutdown();
opossumFallback.shutdown();
hand({
  tables: [
    comparison('Refused by an open circuit, a fallback answers', withFallback, 'ns'),
    comparison('Refused by an open circuit, the error thrown and caught', withError, 'ns'),
  ],
});
process.exit(0);
