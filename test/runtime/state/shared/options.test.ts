import { describe, expect, it } from 'vitest';
import { BreakerRegistry, ConfigurationError } from '../../../../runtime/index.js';
import { memoryStore, redisStore, type ShareOptions, shareState } from '../../../../runtime/state/shared/index.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

const clock = new FakeClock();

describe('options', () => {
  it.each([
    [{ store: undefined }, 'store is undefined, expected redisStore(…), memoryStore(), or one of your own'],
    [{ store: 'redis://:hunter2@cache' }, 'store is "string", expected redisStore'],
    [{ registry: {} }, 'registry is an object, expected a BreakerRegistry'],
    [{ services: 'ghl' }, 'services is "ghl", expected a list'],
    [{ services: [''] }, 'services[0] is "", expected a name'],
    [{ quorum: 0 }, 'quorum is 0, expected a whole number, 1 or more'],
    [{ quorum: 1.5 }, 'quorum is 1.5'],
    [{ everyMs: 0 }, 'everyMs is 0, expected milliseconds from 1 to 2,147,483,647'],
    [{ everyMs: Number.NaN }, 'everyMs is NaN'],
    [{ everyMs: '5' }, 'everyMs is "5"'],
    [{ storeTimeoutMs: 3e9 }, 'storeTimeoutMs is 3000000000'],
    [{ instance: '' }, 'instance is "", expected a text of 1 to 200 characters'],
    [{ instance: 'x'.repeat(201) }, 'instance is "xxx'],
    [{ instance: 7 }, 'instance is 7'],
  ])('%j is refused', (options, message) => {
    const registry = new BreakerRegistry();
    const attempt = (): unknown => shareState({ store: memoryStore(), registry, clock, ...options } as ShareOptions);
    expect(attempt).toThrow(ConfigurationError);
    expect(attempt).toThrow(message);
    expect(clock.pendingTimers).toBe(0);
    expect(registry.events.silent).toBe(true);
  });

  it.each([[undefined], [null], ['redis']])('options that are %j are refused', (options) => {
    expect(() => shareState(options as never)).toThrow('options of shareState is');
    expect(() => redisStore(options as never)).toThrow('options of redisStore is');
  });

  it.each([
    [{}, 'command is undefined, expected a function that sends a command to Redis'],
    [{ command: () => 1, key: '' }, 'key is "", expected a text of 1 to 512 characters'],
    [{ command: () => 1, key: 'x'.repeat(513) }, 'key is "xxx'],
    [{ command: () => 1, key: 5 }, 'key is 5'],
  ])('a Redis store of %j is refused', (options, message) => {
    expect(() => redisStore(options as never)).toThrow(ConfigurationError);
    expect(() => redisStore(options as never)).toThrow(message);
  });
});
