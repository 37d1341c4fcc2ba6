import { type ClientOptions, lastGood, type ServiceClient } from 'fuseline';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, getThing, TRANSPORTS, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';
import { json, Loopback } from '../../support/loopback.js';
import { Recorder } from '../../support/recorder.js';

let dispatcher: InMemory;
let recorder: Recorder;

beforeEach(() => {
  dispatcher = new InMemory(answers(200));
});

const client = (options: ClientOptions = {}): ServiceClient =>
  testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, retry: false, instrumentation: recorder, ...options });

describe('headers of an instrumentation', () => {
  let server: Loopback;
  beforeAll(async () => {
    server = await Loopback.start();
  });
  afterAll(() => server.stop());

  test.each(TRANSPORTS)('reach the server, new ones with each attempt: %s', async (_, transport) => {
    server.requests.length = 0;
    server.answer(json({}, 503), json({}));
    const instrumentation = new Recorder((_call, attempt) => ({ traceparent: `attempt-${attempt}`, 'X-Trace': 'yes' }));
    const acme = testClient({ baseUrl: server.origin, token: 't', retry: AT_ONCE, instrumentation, ...transport });
    await acme.call(getThing, { id: 1 });
    expect(server.requests.map(({ headers }) => [headers['traceparent'], headers['x-trace']])).toEqual([
      ['attempt-1', 'yes'],
      ['attempt-2', 'yes'],
    ]);
  });

  test('stay out where the request has them, or where they cannot be sent', async () => {
    recorder = new Recorder(
      () =>
        ({
          authorization: 'stolen',
          Traceparent: 'theirs',
          'bad name': 'x',
          'x-bad-value': 'a\r\nx-injected: 1',
          'x-number': 1,
          'x-fine': 'tab\tand é',
        }) as object as Record<string, string>,
    );
    await client().call(getThing, { id: 1 }, { headers: { traceparent: 'mine' } });
    const [request] = dispatcher.requests;
    const names = (request?.headers ?? []).filter((_, at) => at % 2 === 0);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => name.includes('bad') || name === 'x-number')).toEqual([]);
    expect(dispatcher.header('authorization')).toBe('Bearer t');
    expect(dispatcher.header('traceparent')).toBe('mine');
    expect(dispatcher.header('x-fine')).toBe('tab\tand é');
  });

  test('of a tracing tool do not tell senders apart: the last good response is found without them', async () => {
    dispatcher.react(answers(200, { kept: true }), answers(503));
    let count = 0;
    recorder = new Recorder(() => ({ 'x-trace': String(count++) }));
    const acme = client({ fallbacks: { 'things.get': lastGood() } });
    await acme.call(getThing, { id: 1 });
    expect(await acme.call(getThing, { id: 1 })).toEqual({ kept: true });
  });
});
