import { BreakerRegistry } from 'fuseline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testClient } from '../../../support/client.js';
import { acme, generated, World } from './world.js';

let world: World;

beforeEach(() => {
  world = new World();
});

afterEach(() => world.end());

describe('all or none', () => {
  test('no listener sees half of it', async () => {
    const other = testClient(
      { baseUrl: 'https://two.test', token: 't', clock: world.clock, dispatcher: world.dispatcher, registry: world.registry },
      { baseUrl: 'https://two.test', policies: generated },
    );
    const first = world.client().breaker('things.get');
    const second = other.breaker('things.get');
    const seen: unknown[] = [];
    first.subscribe(() =>
      seen.push([first.options.enabled, second.options.failureThreshold, world.client().breaker('things.get') === first]),
    );
    world.file.text = acme('enabled: false, failure_threshold: 7');
    await world.watch();
    expect(seen).toEqual([[false, 7, true]]);
  });

  test('clients of several registries', async () => {
    const registries = [new BreakerRegistry(), new BreakerRegistry()];
    const clients = registries.map((one) => world.client({ registry: one }));
    for (const one of clients) one.breaker('things.get');
    const seen: unknown[] = [];
    for (const one of registries)
      one.subscribe(({ type }) => seen.push([type, ...clients.map((each) => each.breaker('things.get').options.failureThreshold)]));
    world.file.text = acme('enabled: false, failure_threshold: 7');
    await world.watch({ registry: undefined, clients });
    expect(seen).toEqual([
      ['circuit_forced_closed', 7, 7],
      ['circuit_forced_closed', 7, 7],
      ['config_reloaded', 7, 7],
      ['config_reloaded', 7, 7],
    ]);
  });

  test('settings that contradict the options of one client keep all clients from the file', async () => {
    const bounded = world.client({ breaker: { failureThreshold: 9 } });
    const easy = world.client({ registry: new BreakerRegistry() });
    for (const one of [bounded, easy]) one.breaker('things.get');
    world.file.text = acme('success_threshold: 7, sliding_window: { size: 8, failure_threshold_counts: window }');
    await world.watch({ clients: [easy, bounded] });
    expect(world.errors.map(({ message }) => message)).toEqual([expect.stringContaining('at most slidingWindow.size, which is 8')]);
    expect([bounded, easy].map((one) => one.breaker('things.get').options.successThreshold)).toEqual([3, 3]);
    expect(world.types()).toEqual(['config_rejected']);
  });
});
