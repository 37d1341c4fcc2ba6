import { describe, expect, it } from 'vitest';
import { Selection } from '../../../../runtime/operate/dashboard/selection.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { FeedSetup } from './feed-setup.js';

function setup(circuits: number, most: number) {
  const clock = new FakeClock();
  const registry = new BreakerRegistry({ clock });
  const all = Array.from({ length: circuits }, (_, n) => registry.obtain(`c${n}`, 'service', {}));
  const selection = new Selection(registry, clock, most);
  const names = (): readonly string[] => selection.now().circuits.map(({ name }) => name);
  const request = (n: number, times: number): void => {
    for (let at = 0; at < times; at++) all[n]?.release(all[n]?.enter(clock.now()) ?? 0);
  };
  return { clock, registry, all, selection, names, request };
}

describe('the circuits that are shown', () => {
  it('are all of them where that many can be', () => {
    const { names, selection } = setup(5, 5);
    expect(names()).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    expect(selection.now().left).toBe(0);
  });

  it('are those that are not well, and then the busiest', async () => {
    const { clock, registry, all, names, selection, request } = setup(10, 4);
    request(7, 5);
    request(2, 9);
    request(3, 1);
    all[9]?.forceOpen();
    registry.follow('c8', ['c9']);
    expect(names()).toEqual(['c8', 'c9', 'c2', 'c7']);
    expect(selection.now().left).toBe(6);
    // One that opens is there at once; the order by requests is looked at now and then.
    all[0]?.forceOpen();
    request(4, 100);
    expect(names()).toEqual(['c0', 'c8', 'c9', 'c2']);
    all[9]?.reset();
    await clock.advance(5_000);
    expect(names()).toEqual(['c0', 'c4', 'c2', 'c7']);
  });

  it('are those that the registry has', async () => {
    const { clock, registry, names, request } = setup(10, 3);
    request(5, 2);
    request(6, 2);
    request(7, 2);
    expect(names()).toEqual(['c5', 'c6', 'c7']);
    const gone = registry.get('c6');
    if (gone !== undefined) registry.forget(gone);
    expect(names()).not.toContain('c6');
    await clock.advance(5_000);
    expect(names()).toHaveLength(3);
  });

  it('begin without the requests that nobody has seen', async () => {
    const test = new FeedSetup({ maxCircuits: 2 });
    const [quiet] = ['a', 'b', 'c'].map((name) => test.circuit(name));
    if (quiet !== undefined) test.succeed(quiet, 30);
    test.succeed(test.circuit('b'), 50);
    test.succeed(test.circuit('c'), 50);
    await test.clock.advance(10_000);
    const page = test.connect();
    quiet?.forceOpen();
    await test.clock.advance(6_000);
    const shown = page.messages.flatMap((message) => (message.event === 'beat' ? [] : message.data.circuits));
    expect(shown.find(({ name }) => name === 'a')).toMatchObject({ state: 'open', rate: 0, totals: { requests: 30 } });
    expect(new Set(shown.filter(({ name }) => name === 'a').map(({ rate }) => rate ?? 0))).toEqual(new Set([0]));
    expect(page.messages.flatMap((message) => (message.event === 'update' ? [message.data.left] : []))).toContain(1);
  });
});
