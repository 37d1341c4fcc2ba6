import { beforeEach, describe, expect, test } from 'vitest';
import type { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { getCircuitBreaker } from '../../../../runtime/policies/circuit-breaker/get-circuit-breaker.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry({ clock: new FakeClock() });
});

const get = (name: string, service = name): CircuitBreaker => registry.obtain(name, service, {});
const plan = (all: Readonly<Record<string, readonly string[]>>): void => registry.planFollows(new Map(Object.entries(all)))();

/** Whom it follows: those that block it while they are open by themselves. */
function followed(circuit: CircuitBreaker): readonly string[] {
  return registry.list().flatMap((other) => {
    other.forceOpen();
    const blocks = circuit.blockedBy() === other;
    other.reset();
    return blocks ? [other.name] : [];
  });
}

describe('what the settings say', () => {
  test('takes the place of what they said, and leaves alone what code said', () => {
    const [billing] = [get('billing'), get('auth'), get('vault'), get('base')];
    registry.follow('billing', ['base']);
    plan({ billing: ['auth'] });
    expect(followed(billing)).toEqual(['auth', 'base']);
    plan({ billing: ['vault'] });
    expect(followed(billing)).toEqual(['vault', 'base']);
    plan({ billing: ['vault', 'auth'] });
    expect(followed(billing)).toEqual(['auth', 'vault', 'base']);
    plan({ billing: [] });
    expect(followed(billing)).toEqual(['base']);
  });

  test('ends when they say nothing any more, also for one that follows nobody else', () => {
    const [billing] = [get('billing'), get('auth')];
    plan({ billing: ['auth'], other: [] });
    expect(followed(billing)).toEqual(['auth']);
    plan({ billing: [] });
    expect(followed(billing)).toEqual([]);
    expect([...billing.followed]).toEqual([]);
  });

  test('leaves alone whom a circuit follows by hand', () => {
    const [billing, auth] = [get('billing'), get('auth'), get('vault')];
    billing.follow(auth);
    plan({ billing: ['vault'] });
    expect(followed(billing)).toEqual(['auth', 'vault']);
    plan({ billing: [] });
    expect(followed(billing)).toEqual(['auth']);
  });

  test('is in force when it is put in force, not when it is planned', () => {
    const [billing] = [get('billing'), get('auth')];
    const put = registry.planFollows(new Map([['billing', ['auth']]]));
    expect(followed(billing)).toEqual([]);
    put();
    expect(followed(billing)).toEqual(['auth']);
  });

  test('is checked for circles as it will be, with what code said and with what it does not mention', () => {
    registry.follow('vault', ['billing']);
    plan({ billing: ['auth'], auth: ['base'] });
    expect(() => plan({ auth: ['vault'] })).toThrow(/The circle: auth -> vault -> billing -> auth$/);
    expect(() => plan({ base: ['base'] })).toThrow(/The circle: base -> base$/);
    plan({ billing: [], auth: ['vault'] });
    const circle =
      'follows of \'billing\' is "auth", expected a circuit that does not follow this one. The circle: billing -> auth -> vault';
    expect(() => plan({ billing: ['auth'] })).toThrow(circle);
  });

  test('and code cannot close a circle with it either', () => {
    plan({ billing: ['auth'] });
    expect(() => registry.follow('auth', ['billing'])).toThrow(/The circle: auth -> billing -> auth$/);
  });

  test('a circuit and its service each follow whom they follow', () => {
    const [contacts] = [get('ghl/contacts', 'ghl'), get('auth'), get('vault')];
    plan({ ghl: ['auth'], 'ghl/contacts': ['vault'] });
    expect(followed(contacts)).toEqual(['auth', 'vault']);
  });
});

describe('what code says of a name', () => {
  test('stays although the circuit of that name is forgotten', () => {
    get('auth');
    registry.follow('billing', ['auth']);
    registry.forget(get('billing'));
    expect(followed(get('billing'))).toEqual(['auth']);
  });

  test('goes with the circuit where it came with it, and stays where it was there before or was said again', () => {
    for (const name of ['auth', 'vault']) get(name);
    const comeBack = (name: string): readonly string[] => {
      registry.forget(getCircuitBreaker(name, { registry }));
      return followed(getCircuitBreaker(name, { registry }));
    };
    getCircuitBreaker('one', { registry, follows: ['auth'] });
    getCircuitBreaker('one', { registry, follows: ['vault'] });
    expect(followed(get('one'))).toEqual(['auth', 'vault']);
    expect(comeBack('one')).toEqual([]);
    registry.follow('two', ['auth']);
    getCircuitBreaker('two', { registry, follows: ['vault'] });
    expect(comeBack('two')).toEqual(['auth', 'vault']);
    getCircuitBreaker('three', { registry, follows: ['auth'] });
    registry.follow('three', ['vault']);
    expect(comeBack('three')).toEqual(['auth', 'vault']);
  });

  test('of a service holds for those of its circuits that are left', () => {
    const [contacts, calendars, billing] = [get('ghl/contacts', 'ghl'), get('ghl/calendars', 'ghl'), get('billing')];
    registry.follow('billing', ['ghl']);
    expect(followed(billing)).toEqual(['ghl/contacts', 'ghl/calendars']);
    registry.forget(contacts);
    expect(followed(billing)).toEqual(['ghl/calendars']);
    registry.forget(calendars);
    expect(followed(billing)).toEqual([]);
  });
});
