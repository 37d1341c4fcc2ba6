import { beforeEach, describe, expect, test } from 'vitest';
import { IdleCircuits } from '../../../../runtime/policies/circuit-breaker/idle-circuits.js';

/** A circuit, as far as idling goes. */
interface Fake {
  readonly name: string;
  usedAt: number | undefined;
}

let all: Fake[];
let looks: number;
let idle: IdleCircuits<Fake>;

beforeEach(() => {
  all = [];
  looks = 0;
  idle = new IdleCircuits();
});

function* everyOne(): Iterable<Fake> {
  looks++;
  yield* all;
}

const next = (): string | undefined => idle.next(everyOne(), (circuit) => circuit.usedAt)?.name;
const fakes = (...usedAt: readonly (number | undefined)[]): Fake[] => usedAt.map((at, index) => ({ name: `c${index}`, usedAt: at }));

describe('which circuit may be forgotten', () => {
  test('the least recently used first; of those used at one moment, the one that was made first', () => {
    all = fakes(7, 5, undefined, 5, 9, 5);
    expect([next(), next(), next(), next(), next()]).toEqual(['c1', 'c3', 'c5', 'c0', 'c4']);
  });

  test('one look lasts for all that it found, and the next one comes as soon as they are gone', () => {
    all = fakes(1, 2, 3);
    expect([next(), next(), next(), looks]).toEqual(['c0', 'c1', 'c2', 1]);
    expect([next(), looks]).toEqual(['c0', 2]);
  });

  test('one that was used since it was found is passed over', () => {
    all = fakes(1, 2, 3);
    expect(next()).toBe('c0');
    for (const fake of all) fake.usedAt = fake.name === 'c1' ? 10 : fake.usedAt;
    expect([next(), looks]).toEqual(['c2', 1]);
  });

  test('a look in vain spares the next ones, one for each hundred that were looked at', () => {
    all = fakes(...Array.from({ length: 101 }, () => undefined));
    expect([next(), next(), next(), looks]).toEqual([undefined, undefined, undefined, 1]);
    for (const fake of all) fake.usedAt = 1;
    expect([next(), looks]).toEqual(['c0', 2]);
  });

  test('what was found is forgotten on demand, and so is what was looked for in vain', () => {
    all = fakes(1, 2);
    expect(next()).toBe('c0');
    all = fakes(undefined);
    idle.clear();
    expect(next()).toBeUndefined();
    all = fakes(3);
    idle.clear();
    expect([next(), looks]).toEqual(['c0', 3]);
  });
});
