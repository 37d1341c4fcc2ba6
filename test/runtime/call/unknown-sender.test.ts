import { BreakerRegistry, type ClientOptions, lastGood, ServiceClient } from 'fuseline';
import { afterEach, beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import { operation } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { Recorder } from '../../support/recorder.js';

let emitWarning: MockInstance<typeof process.emitWarning>;
let services = 0;

beforeEach(() => {
  emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(() => {
  vi.unstubAllGlobals();
  emitWarning.mockRestore();
});

/** A dispatcher that does not say whether it signs. */
const undeclared = (): InMemory => Object.assign(new InMemory(answers(200, {})), { signsRequests: undefined });

/** Clients of a service that no other test has: each warning is given once. */
function serviceOf(options: ClientOptions): { readonly name: string; readonly make: (more?: ClientOptions) => () => Promise<unknown> } {
  const name = `sender-${++services}`;
  const read = operation({ service: name });
  const make = (more: ClientOptions = {}) => {
    const given = { baseUrl: 'http://acme.test', env: {}, registry: new BreakerRegistry(), ...options, ...more };
    const client = new ServiceClient({ name, security: [{ type: 'bearer' }], policies: {} }, given, { read });
    return () => client.call(read, {});
  };
  return { name, make };
}

const replacedFetch = (): ClientOptions => {
  vi.stubGlobal('fetch', async () => new Response('{}', { headers: { 'content-type': 'application/json' } }));
  return { token: 't', transport: 'fetch' };
};

const KEEPS: ClientOptions = { fallbacks: { 'things.get': lastGood() } };

describe('an option that has no effect because the sender is not known is told of once', () => {
  test.each<[string, () => ClientOptions, string]>([
    ['a dispatcher', () => ({ token: 't', dispatcher: undeclared() }), 'its `dispatcher` may sign requests. Give the client an `identity`'],
    [
      'an instrumentation',
      () => ({ token: 't', dispatcher: new InMemory(answers(200, {})), instrumentation: new Recorder() }),
      'its `instrumentation` may sign requests. Give the client an `identity`',
    ],
    ['a replaced fetch', replacedFetch, 'the global `fetch` was replaced and may sign requests. Give the client an `identity`'],
    [
      'missing credentials',
      () => ({ dispatcher: new InMemory(answers(200, {})) }),
      'the client knows no credentials of the sender. Give it a `token`',
    ],
  ])('`coalesce` with %s', async (_, options, why) => {
    const { name, make } = serviceOf({ ...options(), coalesce: true });
    for (const call of [make(), make()]) await Promise.all([call(), call()]);
    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringContaining(`\`coalesce\` is on, but no request is shared by a client of ${name}: ${why}`),
        { type: 'FuselineWarning', code: 'FUSELINE_UNKNOWN_SENDER' },
      ],
    ]);
  });

  test('a last good response that is not kept', async () => {
    const { name, make } = serviceOf({ token: 't', dispatcher: undeclared(), ...KEEPS });
    for (const call of [make(), make()]) await call();
    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringContaining(`none is kept for a client of ${name}: its \`dispatcher\` may sign requests`),
        { type: 'FuselineWarning', code: 'FUSELINE_UNKNOWN_SENDER' },
      ],
    ]);
  });
});

describe('nothing is told', () => {
  const signing = { token: 't', coalesce: true, ...KEEPS };

  test.each<[string, () => ClientOptions]>([
    ['with an identity', () => ({ ...signing, dispatcher: undeclared(), identity: 'us' })],
    ['with a dispatcher that declares it', () => ({ ...signing, dispatcher: new InMemory(answers(200, {})) })],
    ['where nothing is shared or kept', () => ({ token: 't', dispatcher: undeclared() })],
    [
      'where an instrumentation leaves answers to their own client',
      () => ({ token: 't', ...KEEPS, dispatcher: new InMemory(answers(200, {})), instrumentation: new Recorder() }),
    ],
  ])('%s', async (_, options) => {
    const call = serviceOf(options()).make();
    await Promise.all([call(), call()]);
    expect(emitWarning).not.toHaveBeenCalled();
  });
});

test('a process without warnings is no fault', async () => {
  emitWarning.mockRestore();
  const { emitWarning: own } = process;
  Object.assign(process, { emitWarning: undefined });
  try {
    const call = serviceOf({ token: 't', coalesce: true, dispatcher: undeclared() }).make();
    expect(await call()).toEqual({});
  } finally {
    Object.assign(process, { emitWarning: own });
  }
});
