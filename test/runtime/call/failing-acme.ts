import type { ClientOptions, ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { AT_ONCE, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

/** A vendor that answers 503, and clients whose retries soon open the circuit. */
export class FailingAcme {
  readonly clock = new FakeClock();
  readonly dispatcher = new InMemory(answers(503));

  client(options: ClientOptions = {}): ServiceClient {
    return testClient({
      baseUrl: 'http://acme.test',
      token: 't',
      clock: this.clock,
      dispatcher: this.dispatcher,
      timeoutMs: 1_000,
      totalTimeoutMs: 100_000,
      breaker: { failureThreshold: 2, successThreshold: 1, recoveryTimeoutMs: 30_000 },
      retry: { ...AT_ONCE, maxAttempts: 5 },
      ...options,
    });
  }
}
