import { describe, expect, test, vi } from 'vitest';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { SlotKey, Slots, type Slotted } from '../../../../runtime/policies/circuit-breaker/slots.js';

const COUNT = new SlotKey<{ value: number }>('count');
const NAMES = new SlotKey<Set<string>>('names');

const owners: readonly (readonly [string, () => Slotted])[] = [
  ['slots by themselves', () => new Slots()],
  ['a registry', () => new BreakerRegistry()],
  ['a circuit', () => new CircuitBreaker()],
];

describe.each(owners)('%s', (_, make) => {
  test('makes a value once for each key', () => {
    const owner = make();
    const counting = vi.fn(() => ({ value: 0 }));
    owner.slot(COUNT, counting).value++;
    owner.slot(NAMES, () => new Set()).add('ghl');
    owner.slot(COUNT, counting).value++;
    expect(counting).toHaveBeenCalledOnce();
    expect(owner.peek(COUNT)).toEqual({ value: 2 });
    expect(owner.peek(NAMES)).toEqual(new Set(['ghl']));
  });

  test('shows only what was put there, and only to those who have the key', () => {
    const owner = make();
    expect(owner.peek(COUNT)).toBeUndefined();
    owner.slot(COUNT, () => ({ value: 1 }));
    expect(owner.peek(new SlotKey('count'))).toBeUndefined();
    expect(make().peek(COUNT)).toBeUndefined();
  });

  test('keeps undefined as a value', () => {
    const key = new SlotKey<undefined>('nothing');
    const owner = make();
    const nothing = vi.fn(() => undefined);
    owner.slot(key, nothing);
    owner.slot(key, nothing);
    expect(nothing).toHaveBeenCalledOnce();
  });

  test('keeps nothing if making it fails, and what is made meanwhile', () => {
    const owner = make();
    expect(() =>
      owner.slot(COUNT, () => {
        owner.slot(NAMES, () => new Set(['ghl']));
        throw new Error('no count');
      }),
    ).toThrow('no count');
    expect(owner.peek(COUNT)).toBeUndefined();
    expect(owner.slot(COUNT, () => ({ value: owner.peek(NAMES)?.size ?? 0 }))).toEqual({ value: 1 });
    expect(owner.peek(NAMES)).toEqual(new Set(['ghl']));
  });
});

test('a registry that forgets its circuits keeps its slots', () => {
  const registry = new BreakerRegistry();
  registry.slot(COUNT, () => ({ value: 1 }));
  registry.clear();
  expect(registry.peek(COUNT)).toEqual({ value: 1 });
});
