import { BreakerRegistry, type EventListener, type FuselineEvent, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, waits } from '../../support/in-memory.js';

/** An outage from beginning to end, in which every kind of event about calls and circuits occurs. */
class Outage {
  readonly clock = new FakeClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly dispatcher = new InMemory(answers(503));
  readonly heard: FuselineEvent[] = [];
  readonly outcomes: unknown[] = [];
  readonly acme: ServiceClient;

  /** `listener` hears everything twice, as the client's and as the registry's; `heard` is what one after it hears. */
  constructor(listener: EventListener = () => undefined) {
    this.registry.subscribe(listener);
    this.registry.subscribe((event) => this.heard.push(event));
    this.acme = testClient({
      baseUrl: 'http://acme.test',
      token: 't',
      clock: this.clock,
      registry: this.registry,
      dispatcher: this.dispatcher,
      timeoutMs: 1_000,
      retry: { ...AT_ONCE, maxAttempts: 2 },
      bulkhead: { maxConcurrent: 1 },
      breaker: { failureThreshold: 3, successThreshold: 1, recoveryTimeoutMs: 30_000 },
      onEvent: listener,
    });
  }

  async run(): Promise<this> {
    await this.#call('kept');
    await this.#call();
    await this.#call();
    await this.clock.advance(30_000);
    this.dispatcher.react(answers(200, { fine: true }));
    await this.#call();
    this.dispatcher.react(waits);
    await Promise.all([this.#call(), this.#call()]);
    const breaker = this.acme.breaker('things.get');
    breaker.forceOpen();
    breaker.forceClosed();
    breaker.metricsOnly();
    breaker.reset();
    await this.clock.advance(0);
    return this;
  }

  get types(): readonly string[] {
    return this.heard.map(({ type }) => type);
  }

  async #call(fallback?: string): Promise<void> {
    const call = this.acme.call(getThing, { id: 1 }, fallback === undefined ? {} : { fallback }).result();
    await this.clock.advance(2_000);
    const result = await call;
    const { attempts } = result;
    this.outcomes.push(result.ok ? [result.source, attempts, result.data] : [(result.error as { kind: string }).kind, attempts]);
  }
}

const faults: unknown[] = [];
const remember = (fault: unknown): void => void faults.push(fault);

beforeEach(() => {
  faults.length = 0;
  process.on('unhandledRejection', remember);
});

afterEach(() => void process.off('unhandledRejection', remember));

const EVERY_TYPE = [
  'call_failed',
  'call_limited',
  'call_rejected',
  'circuit_closed',
  'circuit_forced_closed',
  'circuit_forced_open',
  'circuit_half_open',
  'circuit_metrics_only',
  'circuit_opened',
  'fallback_used',
  'retry_scheduled',
];

test('without a listener that does anything', async () => {
  const { outcomes, types } = await new Outage().run();
  // The last two calls are made together: which of them ends first does not matter.
  expect([...outcomes.slice(0, 4), ...outcomes.slice(4).sort()]).toEqual([
    ['fallback', 2, 'kept'],
    ['http', 1],
    ['circuit_open', 0],
    ['network', 1, { fine: true }],
    ['bulkhead_full', 0],
    ['retry_exhausted', 2],
  ]);
  expect([...new Set(types)].sort()).toEqual(EVERY_TYPE);
});

describe('of every type of event', () => {
  const HOSTILE: readonly (readonly [string, (outage: () => Outage) => unknown])[] = [
    [
      'A40 throws',
      () => {
        throw new Error('listener');
      },
    ],
    ['A40 rejects', () => Promise.reject(new Error('listener'))],
    [
      'A41 looks at everything',
      (outage) => JSON.stringify([outage().registry, outage().registry.healthSummary(), outage().acme.breaker('things.get').state]),
    ],
    [
      'A41 subscribes and unsubscribes',
      (outage) =>
        outage()
          .registry.subscribe(() => undefined)
          .unsubscribe(),
    ],
  ];

  test.each(HOSTILE)('a listener that %s changes no result, no count and no other listener', async (_, does) => {
    const told = new Map<string, number>();
    const outage: Outage = new Outage((event) => {
      told.set(event.type, (told.get(event.type) ?? 0) + 1);
      return does(() => outage);
    });
    await outage.run();
    const calm = await new Outage().run();
    expect(outage.outcomes).toEqual(calm.outcomes);
    expect(outage.heard).toEqual(calm.heard);
    expect(outage.registry.toJSON()).toEqual(calm.registry.toJSON());
    expect([...told.keys()].sort()).toEqual(EVERY_TYPE);
    expect(faults).toEqual([]);
  });

  test('A41 the state that a listener sees is the one it is told of', async () => {
    const shown = { open: 'open', half_open: 'half_open', closed: 'closed' } as const;
    const seen: unknown[] = [];
    const told: unknown[] = [];
    const outage: Outage = new Outage((event) => {
      if (!('newState' in event) || !(event.newState in shown)) return;
      told.push(event.newState);
      seen.push(outage.acme.breaker('things.get').state);
    });
    await outage.run();
    // A probe that answers at once has closed the circuit by the time its half-open is told: never earlier, and in order.
    expect(told).toEqual(seen);
    expect(new Set(told)).toEqual(new Set(['open', 'half_open', 'closed']));
  });

  test('A41 a call from within every event: all settle, nothing is lost and each transition begins where the last one ended', async () => {
    let inner = 0;
    let settled = 0;
    const outage: Outage = new Outage(() => {
      if (inner >= 200) return;
      inner++;
      void outage.acme
        .call(getThing, { id: 2 }, { retry: false })
        .result()
        .then(() => settled++);
    });
    await outage.run();
    await outage.clock.advance(60_000);
    expect(inner).toBeGreaterThan(20);
    expect(settled).toBe(inner);
    expect(outage.outcomes).toHaveLength(6);
    const { stats } = outage.acme.breaker('things.get').snapshot();
    const ended = stats.successfulRequests + stats.failedRequests + stats.ignoredRequests + stats.releasedRequests;
    expect(stats.totalRequests).toBe(ended + stats.rejectedRequests);
    const transitions = outage.heard.flatMap((event) => ('oldState' in event ? [[event.oldState, event.newState]] : []));
    for (const [at, [oldState]] of transitions.entries()) expect(oldState).toBe(transitions[at - 1]?.[1] ?? 'closed');
    expect(transitions).toHaveLength(stats.stateChanges);
    expect(outage.heard.filter(({ type }) => type === 'call_failed')).toHaveLength(stats.failedRequests);
    expect(outage.heard.filter(({ type }) => type === 'call_rejected')).toHaveLength(stats.rejectedRequests);
    expect(outage.clock.pendingTimers).toBe(0);
  });
});
