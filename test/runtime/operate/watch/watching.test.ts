import { type BreakerWatcher, type WatchOptions, watchBreakers } from 'fuseline/config';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acme, World } from './world.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => world.end());

describe('watching', () => {
  test('many changes are one reading, and an unchanged text is none', async () => {
    await world.watch();
    for (let n = 0; n < 20; n++) {
      world.file.write(acme(`failure_threshold: ${n + 1}`));
      await world.clock.advance(50);
    }
    await world.clock.advance(50);
    expect(world.file.reads).toBe(2);
    world.file.write(world.file.text);
    await world.clock.advance(1_000);
    expect(world.types()).toEqual(['config_reloaded', 'config_reloaded']);
  });

  test('looks by itself where nobody reports a change', async () => {
    await world.watch({ pollMs: 5_000 });
    world.file.text = acme('failure_threshold: 9');
    await world.clock.advance(5_000);
    expect(world.reloads).toHaveLength(2);
    await world.clock.advance(50_000);
    expect(world.reloads).toHaveLength(2);
  });

  test('check reads at once', async () => {
    const { check } = await world.watch();
    world.file.text = 'circuit_breaker: [';
    await check.call(world.watcher as BreakerWatcher);
    expect(world.errors).toHaveLength(1);
  });

  test('close ends it, leaves no timer, and what holds goes on to hold', async () => {
    await world.watch({ pollMs: 1_000 });
    const before = world.watcher as BreakerWatcher;
    world.file.write(acme('failure_threshold: 9'));
    before.close();
    before.close();
    expect(world.file.closed).toBe(true);
    expect(world.clock.pendingTimers).toBe(0);
    world.file.write(acme('failure_threshold: 10'));
    await before.check();
    expect(world.clock.pendingTimers).toBe(0);
    expect(world.client().breaker('things.get').options.failureThreshold).toBe(3);
  });

  test('A40 a listener that throws, or that changes the file, changes nothing', async () => {
    await world.watch({
      onReload: () => {
        throw new Error('mine');
      },
      onError: async () => {
        throw new Error('mine, too');
      },
    });
    world.file.write('circuit_breaker: [');
    await world.clock.advance(200);
    world.file.write(acme('failure_threshold: 9'));
    await world.clock.advance(200);
    expect(world.types()).toEqual(['config_reloaded', 'config_rejected', 'config_reloaded']);
  });

  test.each<[string, Partial<WatchOptions>, RegExp]>([
    ['file', { file: '' }, /file is .*expected the name of a file/],
    ['settleMs', { settleMs: -1 }, /settleMs is -1, expected milliseconds, 0 or more/],
    ['pollMs', { pollMs: 0 }, /pollMs is 0, expected milliseconds, 1 or more, or null/],
    ['registry', { registry: {} as never }, /registry is an object, expected a BreakerRegistry/],
    ['clients', { clients: [{}] as never }, /clients is an object, expected clients made by this copy of fuseline/],
  ])('refuses a %s that cannot work', (_, options, message) => {
    expect(() => watchBreakers({ file: 'b.yaml', source: world.file, clock: world.clock, ...options })).toThrow(message);
  });
});
