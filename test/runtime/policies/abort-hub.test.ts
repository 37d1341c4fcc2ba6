import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AbortFollower, follow } from '../../../runtime/policies/abort-hub.js';

class Follower extends AbortFollower {
  readonly reasons: unknown[] = [];

  constructor(readonly then: () => void = () => undefined) {
    super();
  }

  override onCallerAbort(reason: unknown): void {
    this.reasons.push(reason);
    this.then();
  }
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

describe('abort hub', () => {
  test('one listener however many follow, and none once all have left', () => {
    const { signal } = new AbortController();
    const followers = Array.from({ length: 100 }, () => new Follower());
    for (const follower of followers) follow(signal, follower);
    expect(listeners(signal)).toBe(1);
    for (const follower of followers) follower.unfollow();
    expect(listeners(signal)).toBe(0);
  });

  test('an abort reaches each once, with its reason, and leaves no listener', () => {
    const controller = new AbortController();
    const followers = Array.from({ length: 5 }, () => new Follower());
    for (const follower of followers) follow(controller.signal, follower);
    const reason = { why: 'enough' };
    controller.abort(reason);
    controller.abort('again');
    for (const follower of followers) expect(follower.reasons).toEqual([reason]);
    for (const follower of followers) follower.unfollow();
    expect(listeners(controller.signal)).toBe(0);
  });

  test('leaving twice, or without having followed, is harmless', () => {
    const controller = new AbortController();
    const [first, second] = [new Follower(), new Follower()];
    new Follower().unfollow();
    follow(controller.signal, first);
    follow(controller.signal, second);
    first.unfollow();
    first.unfollow();
    controller.abort();
    expect([first.reasons.length, second.reasons.length]).toEqual([0, 1]);
  });

  test('a follower may unfollow others from within an abort', () => {
    const controller = new AbortController();
    const followers: Follower[] = [];
    const leave = (): void => {
      for (const follower of followers) follower.unfollow();
    };
    for (let at = 0; at < 4; at++) followers.push(new Follower(leave));
    for (const follower of followers) follow(controller.signal, follower);
    controller.abort();
    expect(followers.filter((follower) => follower.reasons.length > 0)).toHaveLength(1);
    expect(listeners(controller.signal)).toBe(0);
  });

  test('a follower can follow another signal afterwards', () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const follower = new Follower();
    follow(first.signal, follower);
    follower.unfollow();
    follow(second.signal, follower);
    first.abort('first');
    second.abort('second');
    expect(follower.reasons).toEqual(['second']);
  });

  test('those who follow when the abort comes hear of it, in any order of coming and going', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 9 })), (toggles) => {
        const controller = new AbortController();
        const followers = Array.from({ length: 10 }, () => new Follower());
        const following = new Set<number>();
        for (const at of toggles) {
          if (following.delete(at)) followers[at]?.unfollow();
          else {
            following.add(at);
            follow(controller.signal, followers[at] as Follower);
          }
          expect(listeners(controller.signal)).toBe(following.size > 0 ? 1 : 0);
        }
        controller.abort('now');
        expect(followers.map((follower) => follower.reasons.length)).toEqual(followers.map((_, at) => (following.has(at) ? 1 : 0)));
        expect(listeners(controller.signal)).toBe(0);
      }),
    );
  });
});
