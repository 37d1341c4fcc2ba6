import { BreakerRegistry, type CircuitBreaker, type FuselineEvent } from 'fuseline';
import { Coalescer, getCircuitBreaker, protect } from 'fuseline/protect';
import { tiers } from 'fuseline/tiers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { errorOf } from '../support/client.js';
import { asEach, ContextLog, TENANTS, tenant } from './tenants.js';

let log: ContextLog;
let registry: BreakerRegistry;
/** Events and the tenant in whose context the listener got them. */
let heard: { readonly type: FuselineEvent['type']; readonly found: string | undefined }[];

beforeEach(() => {
  log = new ContextLog();
  registry = new BreakerRegistry();
  heard = [];
  registry.subscribe(({ type }) => heard.push({ type, found: tenant.getStore() }));
});

afterEach(() => expect(log.foreign).toEqual([]));

const breaker = (name = 'rates', failureThreshold = 1_000): CircuitBreaker => getCircuitBreaker(name, { registry, failureThreshold });
const foundOf = (type: FuselineEvent['type']): (string | undefined)[] => heard.filter((one) => one.type === type).map(({ found }) => found);

/** Settles in the context of somebody else, as the callback of a shared connection does. */
class SharedConnection {
  readonly #waiting: (() => void)[] = [];

  ask<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
      if (this.#waiting.length === TENANTS.length) {
        const all = this.#waiting.splice(0);
        setImmediate(() =>
          tenant.run('the connection', () => {
            for (const settle of all) settle();
          }),
        );
      }
    });
  }
}

describe('R1 functions under protect', () => {
  test('runs again, asks its predicates and its fallback in the context of its caller', async () => {
    const connection = new SharedConnection();
    const call = (owner: string): Promise<unknown> => {
      const fetchRates = protect(
        () => {
          log.note('fn', owner);
          return connection.ask((): unknown => {
            throw new Error('down');
          });
        },
        {
          breaker: breaker(),
          name: 'rates',
          random: () => {
            log.note('random', owner);
            return 0;
          },
          retry: {
            maxAttempts: 3,
            baseDelayMs: 1,
            when: () => {
              log.note('when', owner);
              return true;
            },
          },
          isFailure: () => {
            log.note('isFailure', owner);
            return true;
          },
          fallback: log.fallback(owner),
        },
      );
      return fetchRates();
    };
    expect(await asEach(call)).toEqual(TENANTS.map((name) => ({ by: name })));
    expect([...log.kinds].sort()).toEqual(['fallback', 'fallback, later', 'fn', 'isFailure', 'random', 'when']);
    for (const type of ['call_failed', 'retry_scheduled', 'fallback_used'] as const)
      expect(new Set(foundOf(type))).toEqual(new Set(TENANTS));
  });

  test.each([
    ['a limit of the run', { timeoutMs: 20 }],
    ['a limit of the call', { totalTimeoutMs: 20 }],
  ])('%s aborts the work in the context of its caller', async (_, limit) => {
    const call = (owner: string): Promise<unknown> => {
      const hangs = protect(
        ({ signal }) => {
          signal.addEventListener('abort', () => log.note('abort listener', owner));
          return new Promise<unknown>(() => undefined);
        },
        { breaker: breaker(), ...limit, fallback: log.fallback(owner) },
      );
      return hangs();
    };
    expect(await asEach(call)).toEqual(TENANTS.map((name) => ({ by: name })));
    expect(log.kinds).toContain('abort listener');
    expect(new Set(foundOf('fallback_used'))).toEqual(new Set(TENANTS));
    expect(new Set(foundOf('call_failed'))).toEqual(new Set(TENANTS));
  });

  test("the caller's abort from another context", async () => {
    const shared = new AbortController();
    const calls = asEach((owner) => {
      const hangs = protect(
        ({ signal }) => {
          signal.addEventListener('abort', () => log.note('abort listener', owner));
          return new Promise<never>(() => undefined);
        },
        { breaker: breaker() },
      );
      return errorOf(hangs(shared.signal));
    });
    tenant.run('the one that aborts', () => shared.abort(new Error('left')));
    expect(await calls).toEqual(TENANTS.map(() => new Error('left')));
    expect(log.entries).toHaveLength(3);
  });

  test('`breaker.call` tells listeners in the context of its caller', async () => {
    const connection = new SharedConnection();
    await asEach((owner) =>
      errorOf(
        breaker(`of ${owner}`, 1).call(() =>
          connection.ask(() => {
            throw new Error('down');
          }),
        ),
      ),
    );
    expect(new Set(foundOf('circuit_opened'))).toEqual(new Set(TENANTS));
    expect(foundOf('circuit_opened')).toEqual(foundOf('call_failed'));
  });

  test('what a listener emits in its turn belongs to whoever made it', async () => {
    const circuit = breaker('inner', 1);
    registry.on(
      'call_rejected',
      () => void tenant.run('the listener`s own', () => circuit.call(() => Promise.reject(new Error('x'))).catch(() => 0)),
    );
    const outer = breaker('outer', 1);
    outer.forceOpen();
    await tenant.run('ana', () => errorOf(outer.call(() => 1)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(foundOf('call_rejected')).toEqual(['ana']);
    expect(foundOf('circuit_opened')).toEqual(['the listener`s own']);
  });
});

describe('R1 work that callers share', () => {
  test('listeners of its signal run in the context in which it was started, whoever leaves last', async () => {
    const coalescer = new Coalescer();
    const callers = TENANTS.map((name) => ({ name, aborter: new AbortController() }));
    const work = ({ signal }: { readonly signal: AbortSignal }): Promise<never> => {
      log.note('work', 'ana');
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          log.note('abort listener', 'ana');
          reject(signal.reason);
        });
      });
    };
    const runs = callers.map(({ name, aborter }) => tenant.run(name, () => errorOf(coalescer.run('k', work, { signal: aborter.signal }))));
    for (const { name, aborter } of callers) tenant.run(name, () => aborter.abort(new Error(name)));
    expect(await Promise.all(runs)).toEqual(TENANTS.map((name) => new Error(name)));
    expect(log.entries.map(({ kind }) => kind)).toEqual(['work', 'abort listener']);
  });
});

describe('R1 tiers', () => {
  test('each tier, quality check and predicate runs in the context of its caller', async () => {
    const connection = new SharedConnection();
    const call = (owner: string): Promise<unknown> => {
      const find = tiers(
        [
          {
            name: 'first',
            breaker: breaker('first'),
            timeoutMs: 1_000,
            run: () => {
              log.note('first', owner);
              return connection.ask((): number => {
                throw new Error('down');
              });
            },
          },
          {
            name: 'second',
            breaker: breaker('second'),
            retry: { maxAttempts: 2, baseDelayMs: 1 },
            run: () => {
              log.note('second', owner);
              return connection.ask(() => 1);
            },
          },
          {
            name: 'third',
            run: () => {
              log.note('third', owner);
              return 2;
            },
          },
        ],
        {
          totalTimeoutMs: 10_000,
          minQuality: 2,
          quality: (answer: number) => {
            log.note('quality', owner);
            return answer;
          },
          stopOn: () => {
            log.note('stopOn', owner);
            return false;
          },
        },
      );
      return find();
    };
    expect(await asEach(call)).toEqual([2, 2, 2]);
    expect([...log.kinds].sort()).toEqual(['first', 'quality', 'second', 'stopOn', 'third']);
  });
});

describe('R1 events without a call', () => {
  test('a listener gets them in the context in which it subscribed', () => {
    const circuit = breaker();
    const found: (string | undefined)[] = [];
    tenant.run('the subscriber', () => circuit.subscribe(() => found.push(tenant.getStore())));
    tenant.run('the operator', () => circuit.forceOpen());
    expect(found).toEqual(['the subscriber']);
  });
});
