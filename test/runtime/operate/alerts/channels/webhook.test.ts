import { createHmac, timingSafeEqual } from 'node:crypto';
import { webhook } from 'fuseline/alerts';
import { describe, expect, it } from 'vitest';
import { webhookBody } from '../../../../../runtime/operate/alerts/channels/webhook.js';
import { json, Loopback } from '../../../../support/loopback.js';
import { alert } from '../alert.js';
import { until, withChannel } from './setup.js';

const SECRET = 'a-secret-of-some-length';

const expected = (key: string | Buffer, headers: Record<string, unknown>, body: Buffer): string =>
  `v1,${createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`).digest('base64')}`;

describe('a signed webhook', () => {
  it('says everything, in the guides’ spelling, and signs it with id and time', async () => {
    const server = await Loopback.start();
    try {
      const { open } = withChannel(webhook({ url: `${server.origin}/alerts?team=ops`, secretEnv: 'SECRET' }), { SECRET });
      open();
      const { url, headers, body } = await server.request(1);
      expect(url).toBe('/alerts?team=ops');
      const message = JSON.parse(String(body)) as { data: { incident: string } };
      expect(message).toEqual({
        type: 'circuit_open',
        timestamp: '2026-01-01T00:00:00.000Z',
        data: {
          incident: expect.stringMatching(/^ghl-\w+$/),
          status: 'firing',
          severity: 'critical',
          service: 'ghl',
          subject: 'ghl',
          circuit_breaker: 'ghl',
          circuit_breakers: ['ghl'],
          environment: 'production',
          source: 'host-1',
          title: 'ghl: circuit open, calls are refused',
          since: '2026-01-01T00:00:00.000Z',
          duration: 0,
          why: 'one failure',
          causes: {},
          callers_get: expect.stringContaining('CircuitOpenError'),
          next_probe: expect.stringContaining('2026-01-01 00:01:00 UTC'),
          next_probe_at: '2026-01-01T00:01:00.000Z',
          success_rate: null,
          untold: 0,
          runbook: 'https://wiki.example.com/circuit-open',
          dashboard: 'https://ops.example.com/circuits',
        },
      });
      expect(headers).toMatchObject({ 'webhook-id': `${message.data.incident}.1`, 'webhook-timestamp': '1767225600' });
      const signature = Buffer.from(String(headers['webhook-signature']));
      expect(timingSafeEqual(signature, Buffer.from(expected(SECRET, headers, body)))).toBe(true);
      expect(JSON.stringify(headers) + String(body)).not.toContain(SECRET);
    } finally {
      await server.stop();
    }
  });

  it('gives durations in seconds, to the millisecond', () => {
    expect(webhookBody(alert({ durationMs: 1505.662186 }))).toMatchObject({ data: { duration: 1.506 } });
  });

  it('keeps its id when it is tried again, with a time and a signature of its own', async () => {
    const server = await Loopback.start();
    try {
      server.answer(json({}, 500), json({}));
      const { open, clock } = withChannel(webhook({ url: server.origin, secretEnv: 'SECRET' }), { SECRET });
      open();
      await until(clock, () => server.requests.length === 2);
      const [first, second] = server.requests;
      if (first === undefined || second === undefined) throw new Error('two requests were expected');
      expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
      expect(Number(second.headers['webhook-timestamp'])).toBeGreaterThan(Number(first.headers['webhook-timestamp']));
      expect(second.headers['webhook-signature']).toBe(expected(SECRET, second.headers, second.body));
    } finally {
      await server.stop();
    }
  });

  it('takes a secret as the specification writes it', async () => {
    const server = await Loopback.start();
    try {
      const key = Buffer.from('0123456789abcdef0123456789abcdef', 'hex');
      const { open } = withChannel(webhook({ url: server.origin, secretEnv: 'SECRET' }), { SECRET: `whsec_${key.toString('base64')}` });
      open();
      const { headers, body } = await server.request(1);
      expect(headers['webhook-signature']).toBe(expected(key, headers, body));
    } finally {
      await server.stop();
    }
  });
});

describe('what it refuses', () => {
  it.each<[Parameters<typeof webhook>[0], Record<string, string>, string]>([
    [{ secretEnv: 'SECRET' }, { SECRET }, 'url of channel webhook is undefined, expected one of url and urlEnv'],
    [{ secretEnv: 'SECRET', url: 'https://a.example', urlEnv: 'URL' }, { SECRET }, 'expected one of url and urlEnv'],
    [{ secretEnv: 'SECRET', url: 'example.com/x' }, { SECRET }, 'url of channel webhook is "(not shown)", expected the URL of a webhook'],
    [{ secretEnv: 'SECRET', urlEnv: 'URL' }, { SECRET }, 'environment variable URL is undefined, expected the URL of a webhook'],
    [{ secretEnv: 'SECRET', urlEnv: 'URL' }, { SECRET, URL: 'http://example.com' }, 'environment variable URL is "(not shown)"'],
    [
      { secretEnv: 'SECRET', url: 'http://a.example' },
      {},
      'environment variable SECRET is undefined, expected the secret that webhooks are signed with',
    ],
    [
      { secretEnv: 'SECRET', url: 'http://a.example' },
      { SECRET: 'short' },
      'environment variable SECRET is "5 bytes", expected a secret of 16 bytes or more',
    ],
  ])('%j', (options, env, message) => {
    expect(() => withChannel(webhook(options), env)).toThrow(message);
  });
});
