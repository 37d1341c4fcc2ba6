import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

let module: typeof import('../../../../runtime/policies/timeout/exit-hold.js');
let listeners: number;

beforeEach(async () => {
  vi.resetModules();
  module = await import('../../../../runtime/policies/timeout/exit-hold.js');
  listeners = process.listenerCount('beforeExit');
});
afterEach(() => {
  process.off('beforeExit', module.holdAll);
  vi.unstubAllGlobals();
});

const added = (): number => process.listenerCount('beforeExit') - listeners;

describe('what holds a process that is about to end', () => {
  test('each is asked, each time; one listener serves all', () => {
    const [first, second] = [{ hold: vi.fn() }, { hold: vi.fn() }];
    expect(added()).toBe(0);
    module.holdsAtExit(first);
    expect(added()).toBe(1);
    module.holdsAtExit(second);
    expect(added()).toBe(1);
    expect([first.hold, second.hold].map((hold) => hold.mock.calls.length)).toEqual([0, 0]);
    module.holdAll();
    module.holdAll();
    expect([first.hold, second.hold].map((hold) => hold.mock.calls.length)).toEqual([2, 2]);
  });

  test('one that is gone is asked no more', () => {
    const [gone, there] = [{ hold: vi.fn() }, { hold: vi.fn() }];
    vi.stubGlobal(
      'WeakRef',
      class {
        constructor(readonly target: object) {}
        deref(): object | undefined {
          return this.target === gone ? undefined : this.target;
        }
      },
    );
    module.holdsAtExit(gone);
    module.holdsAtExit(there);
    module.holdAll();
    expect([gone, there].map(({ hold }) => hold.mock.calls.length)).toEqual([0, 1]);
  });

  test.each([
    ['no process', undefined],
    ['one without events', {}],
  ])('%s, as in a browser: nothing ends, and nothing fails', (_, stub) => {
    vi.stubGlobal('process', stub);
    const holder = { hold: vi.fn() };
    module.holdsAtExit(holder);
    module.holdAll();
    const watched = module.endIsWatched();
    vi.unstubAllGlobals();
    expect([holder.hold.mock.calls.length, added(), watched]).toEqual([1, 0, false]);
  });

  test('its own listener is no sign that others act on the end', () => {
    const other = (): void => undefined;
    vi.stubGlobal('process', new EventEmitter());
    expect(module.endIsWatched()).toBe(false);
    module.holdsAtExit({ hold: vi.fn() });
    expect(module.endIsWatched()).toBe(false);
    process.on('beforeExit', other);
    expect(module.endIsWatched()).toBe(true);
    process.off('beforeExit', other);
    expect(module.endIsWatched()).toBe(false);
  });
});
