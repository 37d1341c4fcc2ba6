import { BreakerRegistry } from 'fuseline';
import { applyBreakers, type BreakerWatcher, type ConfigFile, type DiagnosticError, watchBreakers } from 'fuseline/config';
import { FakeClock } from 'fuseline/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOSTILE, revoked } from '../../../support/thrown.js';
import { noUnhandledRejections } from '../../../support/unhandled.js';

noUnhandledRejections(() => new Promise((resolve) => setImmediate(resolve)));

const GOOD = new TextEncoder().encode('circuit_breaker: { services: { acme: { failure_threshold: 7 } } }');

let registry: BreakerRegistry;
let clock: FakeClock;
let errors: DiagnosticError[];
let watcher: BreakerWatcher | undefined;

beforeEach(() => {
  registry = new BreakerRegistry();
  clock = new FakeClock();
  errors = [];
  watcher = undefined;
});

afterEach(() => watcher?.close());

/** A source whose first reads do `fault`, and whose later ones return a good file. */
function source(fault: () => unknown, faults = 1): ConfigFile {
  let reads = 0;
  return { read: async () => (++reads <= faults ? (fault() as never) : GOOD), watch: () => ({ close: () => undefined }) };
}

function watching(file: ConfigFile): BreakerWatcher {
  watcher = watchBreakers({ file: 'b.yaml', registry, source: file, clock, pollMs: 1_000, onError: (error) => errors.push(error) });
  return watcher;
}

const thrower = (make: () => unknown) => () => {
  throw make();
};

describe('a source that cannot be read', () => {
  it.each(HOSTILE)('because it throws %s: it is reported, and the next look finds the good file', async (_, make) => {
    const { ready } = watching(source(thrower(make)));
    await expect(ready).resolves.toBeUndefined();
    expect(errors.map(({ message }) => message)).toEqual(['b.yaml The file cannot be read (unknown error).']);
    await clock.advance(1_000);
    expect(watcher?.error).toBeUndefined();
    expect(watcher?.config?.service('acme').policies.service).toMatchObject({ failureThreshold: 7 });
  });

  it.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'undefined'],
    ['null', () => null, 'null'],
    ['a number', () => 5, 'a number'],
    ['a text', () => 'circuit_breaker: {}', 'a text'],
    ['a list', () => [1, 2], 'an object'],
  ])('because it returns %s: the error says so, and the next look finds the good file', async (_, make, found) => {
    const message = `b.yaml \`source.read\` returned ${found}, expected the bytes of the file as a Uint8Array.`;
    await watching(source(make)).ready;
    expect(errors.map((error) => error.message)).toEqual([message]);
    expect(errors[0]?.diagnostics).toMatchObject([{ code: 'unreadable-file' }]);
    await clock.advance(1_000);
    expect(watcher?.config).toBeDefined();
    await expect(applyBreakers({ file: 'b.yaml', registry, source: source(make) })).rejects.toThrow(message);
  });

  it.each<[string, ConfigFile['read']]>([
    [
      'throws synchronously',
      () => {
        throw new Error('sync');
      },
    ],
    // biome-ignore lint/suspicious/noThenProperty: a thenable that throws is the fault.
    ['returns a thenable that throws', () => ({ then: thrower(revoked) }) as never],
    ['returns a revoked Proxy', () => revoked() as never],
  ])('because it %s: nothing else happens', async (_, read) => {
    await watching({ read, watch: () => ({ close: () => undefined }) }).ready;
    await clock.advance(5_000);
    // Each fault is reported once, not at every look.
    expect(errors).toHaveLength(1);
    await expect(watcher?.check()).resolves.toBeUndefined();
  });
});

describe('a source whose changes cannot be watched', () => {
  it.each<[string, () => unknown]>([
    ['nothing', () => undefined],
    ['an object without close', () => ({})],
    ['a revoked Proxy', revoked],
    ['a rejected promise', () => Promise.reject(new Error('watch'))],
    ['an object whose close throws', () => ({ close: thrower(revoked) })],
    ['an object whose close rejects', () => ({ close: () => Promise.reject(revoked()) })],
  ])('because `watch` returns %s: the file is read, and closing works', async (_, returned) => {
    await watching({ read: async () => GOOD, watch: () => returned() as never }).ready;
    expect(watcher?.config).toBeDefined();
    expect(() => watcher?.close()).not.toThrow();
    expect(clock.pendingTimers).toBe(0);
  });

  it('is closed once, although the watcher is closed twice', () => {
    let closed = 0;
    const one = watching({ read: async () => GOOD, watch: () => ({ close: () => closed++ }) as never });
    one.close();
    one[Symbol.dispose]();
    expect(closed).toBe(1);
  });
});
