import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { acme, World } from './world.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => world.end());

describe('A53 a file that cannot be used', () => {
  test('invalid: what held goes on to hold, and it is told once, with the place', async () => {
    const running = world.client();
    await world.watch();
    world.file.write(acme('failure_threshold: 0'));
    await world.clock.advance(200);
    await world.clock.advance(60_000);
    expect(world.errors).toHaveLength(1);
    expect(world.errors[0]?.message).toMatch(/^b\.yaml:1:\d+ `failure_threshold` is 0, expected a whole number, 1 or more\.$/);
    expect(world.events.at(-1)).toMatchObject({
      type: 'config_rejected',
      circuit: '*',
      file: 'b.yaml',
      code: 'bad-value',
      reason: world.errors[0]?.message,
    });
    expect(world.watcher?.error).toBe(world.errors[0]);
    expect(running.breaker('things.get').options.failureThreshold).toBe(3);
    world.file.write(acme('failure_threshold: 5'));
    await world.clock.advance(100);
    expect(world.watcher?.error).toBeUndefined();
    expect(running.breaker('things.get').options.failureThreshold).toBe(5);
    expect(world.types()).toEqual(['config_reloaded', 'config_rejected', 'config_reloaded']);
  });

  test.each(['', 'circuit_breaker: { services: { acme: { failure_thre', 'circuit_breaker: [', '\u0000'])(
    'half written: %j',
    async (half) => {
      const running = world.client();
      await world.watch();
      world.file.write(half);
      await world.clock.advance(150);
      world.file.write(acme('failure_threshold: 8'));
      await world.clock.advance(1_000);
      expect(world.errors).toEqual([]);
      expect(world.types()).toEqual(['config_reloaded', 'config_reloaded']);
      expect(running.breaker('things.get').options.failureThreshold).toBe(8);
    },
  );

  test('gone, and back as it was', async () => {
    await world.watch();
    world.file.write(undefined);
    await world.clock.advance(200);
    // Whether a neighbour was meant is looked up on the disk.
    await world.watcher?.check();
    expect(world.events.at(-1)).toMatchObject({ type: 'config_rejected', code: 'missing-file' });
    expect(world.client().breaker('things.get').options.failureThreshold).toBe(3);
    world.file.write(acme('failure_threshold: 3'));
    await world.clock.advance(100);
    expect(world.events.at(-1)).toMatchObject({ type: 'config_reloaded', services: [] });
  });

  test('gone for the moment of a rename: nothing happens', async () => {
    await world.watch();
    const { text } = world.file;
    world.file.write(undefined);
    await world.clock.advance(120);
    world.file.write(text);
    await world.clock.advance(1_000);
    expect(world.types()).toEqual(['config_reloaded']);
  });

  test('missing from the beginning: what was generated holds, until it comes', async () => {
    world.file.text = undefined;
    const running = world.client();
    const { config } = await world.watch();
    expect(config).toBeUndefined();
    expect(world.errors).toHaveLength(1);
    expect(running.breaker('things.get').options.failureThreshold).toBe(2);
    world.file.write(acme('failure_threshold: 6'));
    await world.clock.advance(100);
    expect(running.breaker('things.get').options.failureThreshold).toBe(6);
  });

  test.each([
    ['acme: { operations: { things.gett: { timeout_seconds: 1 } } }', 'unknown-operation'],
    ['acme: { operations: { things.create: { retry: { max_attempts: 3 } } } }', 'unsafe-retry'],
  ])('names what the clients do not have, or must not do: %s', async (settings, code) => {
    world.file.text = `circuit_breaker: { services: { ${settings} } }\n`;
    await world.watch({ clients: world.client() });
    expect(world.errors[0]?.diagnostics.map((found) => found.code)).toEqual([code]);
    world.errors.length = 0;
    await world.watch();
    expect(world.errors).toEqual([]);
  });
});
