import { ConfigurationError } from 'fuseline';
import { type AlertChannel, type AlertSender, DeliveryError, startAlerts } from 'fuseline/alerts';
import { describe, expect, it } from 'vitest';
import { HOSTILE } from '../../../support/thrown.js';
import { noUnhandledRejections } from '../../../support/unhandled.js';
import { bench, recorder } from './recorder.js';

noUnhandledRejections(() => new Promise((resolve) => setImmediate(resolve)));

const fault = new Error('S3CRET');

/** A channel that is closed, and says so. */
function closable(name: string, closed: string[], fails = false): AlertChannel {
  const close = (): void => {
    closed.push(name);
    if (fails) throw fault;
  };
  return { name, open: () => ({ send: async () => undefined, close }) };
}

describe('a channel that fails', () => {
  it('when it is closed: the others are closed, and `close` resolves', async () => {
    const closed: string[] = [];
    const { alerts, clock } = bench({ channels: [closable('first', closed, true), closable('second', closed)] });
    const ended = alerts.close();
    await clock.advance(0);
    await ended;
    expect(closed).toEqual(['first', 'second']);
  });

  it('when it is opened: nothing is started, and the channels before it are closed, whatever they throw', () => {
    const closed: string[] = [];
    const broken: AlertChannel = {
      name: 'broken',
      open: () => {
        throw fault;
      },
    };
    expect(() => bench({ channels: [closable('first', closed, true), closable('second', closed), broken] })).toThrow(fault);
    expect(closed).toEqual(['first', 'second']);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a promise', Promise.resolve({ send: async () => undefined })],
    ['an object without send', {}],
  ])('by opening as %s: an error that names it', (_, opened) => {
    const broken: AlertChannel = { name: 'sms', open: () => opened as AlertSender };
    expect(() => bench({ channels: [broken] })).toThrow(ConfigurationError);
    expect(() => bench({ channels: [broken] })).toThrow(/^open of channel sms is .*, expected to return an object with send$/);
  });
});

describe('a channel whose `send` fails with', () => {
  it.each(HOSTILE)('%s: the message is tried again, and then lost', async (_, make) => {
    const broken: AlertChannel = { name: 'broken', maxAttempts: 2, open: () => ({ send: () => Promise.reject(make()) }) };
    const { fail, clock, alerts, problems, told } = bench({ channels: [broken, recorder()] });
    fail();
    await told();
    await clock.advance(5_000);
    expect(problems).toMatchObject([{ channel: 'broken', cause: 'error', attempts: 2 }]);
    expect(alerts.status().channels).toMatchObject([
      { name: 'broken', waiting: 0, lost: 1 },
      { name: 'recorder', waiting: 0, sent: 1 },
    ]);
  });

  it('a delivery error whose fields throw: it counts as any other error', async () => {
    const error = Object.defineProperty(new DeliveryError('refused'), 'retryable', {
      get: () => {
        throw fault;
      },
    });
    const broken: AlertChannel = { name: 'broken', maxAttempts: 1, open: () => ({ send: () => Promise.reject(error) }) };
    const { fail, problems, told } = bench({ channels: [broken] });
    fail();
    await told();
    expect(problems).toMatchObject([{ channel: 'broken', cause: 'error' }]);
  });
});

describe('a source of chance that fails', () => {
  it.each<[string, () => number]>([
    [
      'throws',
      () => {
        throw fault;
      },
    ],
    ['returns no number', () => 'a half' as never],
  ])('%s: alerts are sent and tried again', async (_, random) => {
    let attempts = 0;
    const flaky: AlertChannel = {
      name: 'flaky',
      open: () => ({
        send: async () => {
          attempts++;
          if (attempts === 1) throw new Error('once');
        },
      }),
    };
    const { fail, clock, alerts } = bench({ random, channels: [flaky] });
    fail();
    await clock.advance(1_000);
    expect(alerts.status()).toMatchObject({ channels: [{ sent: 1, lost: 0 }], incidents: [{ id: expect.stringMatching(/^ghl-\w+$/) }] });
  });
});

it('a configuration that throws: nothing starts, and nothing changes', async () => {
  const config = {
    alerts: (): never => {
      throw fault;
    },
  };
  expect(() => startAlerts({ channels: [recorder()], config, env: {} })).toThrow(fault);
  const { alerts, fail, told } = bench();
  expect(() => alerts.reconfigure(config)).toThrow(fault);
  fail();
  expect(await told()).toEqual(['circuit_open firing critical']);
});
