import { Agent, getGlobalDispatcher, MockAgent, setGlobalDispatcher } from 'undici';
import { afterEach, describe, expect, test } from 'vitest';
import { isPlatformFetch } from '../../../../runtime/call/transport/platform-fetch.js';

const { fetch: original } = globalThis;
const dispatcher = getGlobalDispatcher();

afterEach(() => {
  globalThis.fetch = original;
  setGlobalDispatcher(dispatcher);
});

describe('the fetch of the platform', () => {
  test('is recognised, also once it has been used, and with another plain agent', async () => {
    expect(isPlatformFetch()).toBe(true);
    await fetch('data:,x');
    expect(isPlatformFetch()).toBe(true);
    setGlobalDispatcher(new Agent({ connections: 1 }));
    expect(isPlatformFetch()).toBe(true);
  });

  test.each([
    ['a function', () => Promise.resolve(new Response())],
    ['a function of the same name', { fetch: (input: string) => original(input) }.fetch],
    ['a function that speaks of undici', (input: string) => original(`${input}?undici`)],
    ['a bound one', original.bind(undefined)],
    ['a proxy', new Proxy(original, {})],
    ['none', undefined],
  ])('is not %s', (_, replaced) => {
    globalThis.fetch = replaced as typeof fetch;
    expect(isPlatformFetch()).toBe(false);
    globalThis.fetch = original;
    expect(isPlatformFetch()).toBe(true);
  });

  test('is not one behind a global dispatcher that may sign', () => {
    class Signing extends Agent {}
    const composed = new Agent().compose((dispatch) => (options, handler) => dispatch(options, handler));
    const patched = new Agent();
    patched.dispatch = () => true;
    const making = new Agent({ factory: () => new Agent() });
    for (const signing of [composed, patched, making, new Signing(), new MockAgent(), { dispatch: () => true }]) {
      setGlobalDispatcher(signing as Agent);
      expect(isPlatformFetch()).toBe(false);
    }
  });
});
