import { describe, expect, test } from 'vitest';
import {
  type Followed,
  Follows,
  firstOpen,
  heldBackMs,
  withFollowed,
  withNames,
} from '../../../../runtime/policies/circuit-breaker/follows.js';
import { Circuit } from './circuit.js';

/** A circuit that only waits and follows. */
class Fake implements Followed<Fake> {
  readonly name: string;
  waits = 0;
  readonly machine = { waitMs: () => this.waits, letsAllThrough: false };
  followed: Iterable<Fake> = [];

  constructor(name: string, ...followed: readonly Fake[]) {
    this.name = name;
    this.followed = followed;
  }

  waiting(ms: number): this {
    this.waits = ms;
    return this;
  }
}

const names = (circuits: Iterable<Fake> | undefined): readonly string[] => [...(circuits ?? [])].map(({ name }) => name);

describe('the circuits that one follows', () => {
  const [one, two, three] = [new Fake('one'), new Fake('two'), new Fake('three')];

  test('are those given by hand, each once and in their order, then those that names mean at the moment', () => {
    let meant = [three];
    let follows = withFollowed(undefined, one, two);
    follows = withFollowed(follows, one, two);
    expect(names(follows)).toEqual(['two']);
    const named = withNames(follows, () => meant);
    expect(names(named)).toEqual(['two', 'three']);
    meant = [];
    expect(names(named)).toEqual(['two']);
    expect(names(withNames(named, undefined))).toEqual(['two']);
  });

  test('keep their names when one more is given by hand', () => {
    const named = withNames<Fake>(undefined, () => [three]);
    expect(names(withFollowed(named, one, two))).toEqual(['two', 'three']);
  });

  test('are forgotten when there are none left', () => {
    const named = withNames<Fake>(undefined, () => [three]);
    expect(named).toBeInstanceOf(Follows);
    expect(withNames(named, undefined)).toBeUndefined();
  });

  test('may follow others themselves, but not the follower, directly or through others', () => {
    const follower = new Fake('follower');
    const far = new Fake('far', new Fake('other'), new Fake('near', follower));
    expect(names(withFollowed(undefined, follower, new Fake('far', new Fake('near'))))).toEqual(['far']);
    const message =
      "follow of 'follower' is \"far\", expected a circuit that does not follow this one. 'far' follows 'follower' already, so both would wait for each other";
    expect(() => withFollowed(undefined, follower, far)).toThrow(message);
    expect(() => withFollowed(undefined, follower, follower)).toThrow(/^follow of 'follower' is "follower"/);
  });

  test('are asked once each where they follow one another in a circle already', () => {
    const circle = new Fake('circle');
    circle.followed = [new Fake('back', circle)];
    expect(names(withFollowed(undefined, new Fake('outside'), circle))).toEqual(['circle']);
  });
});

describe('the circuit that blocks another', () => {
  test('is the first that waits, or that is blocked itself', () => {
    const last = new Fake('last');
    const through = new Fake('through', last);
    const one = new Fake('one', new Fake('calm'), through);
    expect(firstOpen(one, 0)).toBeUndefined();
    last.waiting(5);
    expect(firstOpen(one, 0)).toBe(last);
    through.waiting(3);
    expect(firstOpen(one, 0)).toBe(through);
  });

  test('is none for a circuit that lets every call through, nor through such a one', () => {
    const open = new Fake('open').waiting(5);
    const through = new Fake('through', open);
    through.machine.letsAllThrough = true;
    expect(firstOpen(through, 0)).toBeUndefined();
    expect(firstOpen(new Fake('one', through), 0)).toBeUndefined();
  });

  test('is never itself, and a circle ends', () => {
    const [one, two] = [new Fake('one'), new Fake('two')];
    one.followed = [two];
    two.followed = [one];
    expect([firstOpen(one, 0), heldBackMs(one, 0)]).toEqual([undefined, 0]);
    one.waiting(7);
    expect([firstOpen(one, 0), firstOpen(two, 0)]).toEqual([undefined, one]);
    two.waiting(9);
    expect([heldBackMs(one, 0), heldBackMs(two, 0)]).toEqual([9, 9]);
  });

  test('holds back for as long as the longest wait along the way', () => {
    const far = new Fake('far').waiting(50);
    const near = new Fake('near', far).waiting(20);
    expect(heldBackMs(new Fake('one', near), 0)).toBe(50);
    far.waiting(10);
    expect(heldBackMs(new Fake('one', near), 0)).toBe(20);
    expect(heldBackMs(near, 0)).toBe(10);
    expect(heldBackMs(far, 0)).toBe(0);
  });
});

test('a circuit that is watched only, or forced closed, follows none', () => {
  const [billing, auth] = [new Circuit().breaker, new Circuit({ name: 'auth' }).breaker];
  billing.follow(auth);
  auth.forceOpen();
  expect([billing.machine.letsAllThrough, billing.blockedBy(), billing.admits]).toEqual([false, auth, false]);
  for (const force of ['metricsOnly', 'forceClosed'] as const) {
    billing[force]();
    expect([billing.machine.letsAllThrough, billing.blockedBy(), billing.admits]).toEqual([true, undefined, true]);
  }
});

test('a circle by hand is refused although one of its circuits is forced closed at the moment', () => {
  const [billing, auth] = [new Circuit().breaker, new Circuit({ name: 'auth' }).breaker];
  billing.follow(auth);
  billing.forceClosed();
  expect(() => auth.follow(billing)).toThrow("'billing' follows 'auth' already");
});
