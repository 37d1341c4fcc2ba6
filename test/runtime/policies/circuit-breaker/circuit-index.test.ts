import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitIndex, type Indexed } from '../../../../runtime/policies/circuit-breaker/circuit-index.js';

let index: CircuitIndex<Indexed>;

beforeEach(() => {
  index = new CircuitIndex();
});

function add(name: string, service = name, family = name): Indexed {
  const circuit = { name, service, family: undefined };
  index.add(circuit, family);
  return circuit;
}

describe('an index of circuits', () => {
  test('has them by name, in the order in which they came', () => {
    const [b, a] = [add('b'), add('a')];
    expect([index.size, ...index.all()]).toEqual([2, b, a]);
    expect([index.get('a'), index.get('c'), index.has(a), index.has({ ...a })]).toEqual([a, undefined, true, false]);
  });

  test('of a family: the one of its name, then those of other names, for as long as they are there', () => {
    const own = add('ghl');
    const [one, two] = [add('ghl#1', 'ghl', 'ghl'), add('ghl#2', 'ghl', 'ghl')];
    expect(index.family('ghl')).toEqual([own, one, two]);
    index.remove(own);
    expect(index.family('ghl')).toEqual([one, two]);
    index.remove(one);
    index.remove(two);
    expect(index.family('ghl')).toEqual([]);
  });

  test('the one of its name comes first in its family, also where it came last, and notes no family', () => {
    const variant = add('ghl#1', 'ghl', 'ghl');
    const own = add('ghl');
    expect(index.family('ghl')).toEqual([own, variant]);
    expect([own.family, variant.family]).toEqual([undefined, 'ghl']);
  });

  test('a variant is of its own family alone, also to who asks by its name', () => {
    const variant = add('ghl#1', 'ghl', 'ghl');
    expect([index.family('ghl#1'), index.get('ghl#1')]).toEqual([[], variant]);
    const other = add('ghl#1#2', 'ghl', 'ghl#1');
    expect(index.family('ghl#1')).toEqual([other]);
  });

  test('members: the circuit of that name and those of that service, each once', () => {
    const [contacts, ghl, other] = [add('ghl/contacts', 'ghl'), add('ghl'), add('other')];
    expect([...index.members('ghl')]).toEqual([ghl, contacts]);
    expect([...index.members('ghl/contacts')]).toEqual([contacts]);
    index.remove(ghl);
    expect([...index.members('ghl')]).toEqual([contacts]);
    index.remove(contacts);
    expect([[...index.members('ghl')], [...index.all()]]).toEqual([[], [other]]);
  });
});
