import { type AlertChannel, pagerDuty, slack, webhook } from 'fuseline/alerts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { empty, hang, json, Loopback, reset, stallBody, text } from '../../../../support/loopback.js';
import { until, withChannel } from './setup.js';

let server: Loopback;
beforeAll(async () => {
  server = await Loopback.start();
});
afterAll(() => server.stop());
beforeEach(() => {
  server.requests.length = 0;
  server.answer(json({}, 202));
});

const SECRETS = { URL: '', SECRET: 'S3CRET-of-webhooks', KEY: 'S3CRET-routing-key' };
const env = (): Record<string, string> => ({ ...SECRETS, URL: `${server.origin}/S3CRET-path` });
const given = { timeoutMs: 5_000, maxAttempts: 3 };

/** Each of them over HTTP to the loopback server. */
const CHANNELS: readonly (readonly [string, () => AlertChannel])[] = [
  ['slack', () => slack({ urlEnv: 'URL', ...given })],
  ['webhook', () => webhook({ urlEnv: 'URL', secretEnv: 'SECRET', ...given })],
  ['pagerduty', () => pagerDuty({ routingKeyEnv: 'KEY', endpoint: `${server.origin}/v2/enqueue`, ...given })],
];

describe.each(CHANNELS)('%s', (name, make) => {
  it('is tried again after an answer that may change, and waits as long as that asks', async () => {
    server.answer(text('slow down', 'text/plain', 429, { 'retry-after': '30' }), json({}, 503), json({}, 202));
    const { clock, open, problems } = withChannel(make(), env());
    open();
    await server.request(1);
    await until(clock, () => server.requests.length === 2);
    expect(clock.now()).toBeGreaterThanOrEqual(30_000);
    expect(clock.now()).toBeLessThan(32_000);
    await until(clock, () => server.requests.length === 3);
    expect(problems).toEqual([]);
  });

  it.each([
    [400, 'http_400'],
    [403, 'http_403'],
    [404, 'http_404'],
    [410, 'http_410'],
    [302, 'http_302'],
  ])('is not tried again after %d', async (status, cause) => {
    server.answer(empty(status, { location: `${server.origin}/elsewhere` }));
    const { clock, open, problems } = withChannel(make(), env());
    open();
    await until(clock, () => problems.length > 0);
    expect(problems).toMatchObject([{ channel: name, kind: 'failed', cause, attempts: 1 }]);
    await clock.advance(60_000);
    // Nor does it follow a redirect.
    expect(server.requests).toHaveLength(1);
  });

  it('a receiver that does not answer is really left, and then tried again', async () => {
    server.answer(hang);
    const { clock, open, problems } = withChannel(make(), env());
    open();
    const first = await server.request(1);
    await clock.advance(4_999);
    expect(problems).toEqual([]);
    await clock.advance(1);
    expect(await first.end).toBe('closed by the client');
    for (let attempt = 2; attempt <= 3; attempt++) {
      await until(clock, () => server.requests.length === attempt);
      await clock.advance(5_000);
    }
    expect(problems).toMatchObject([{ cause: 'timeout', attempts: 3 }]);
  });

  it('a connection that breaks is tried again', async () => {
    server.answer(reset, json({}, 202));
    const { clock, open, problems } = withChannel(make(), env());
    open();
    await until(clock, () => server.requests.length === 2);
    expect(problems).toEqual([]);
  });

  it('an answer whose body never ends is an answer', async () => {
    server.answer(stallBody);
    const { clock, open, close, problems } = withChannel(make(), env());
    open();
    await server.request(1);
    close();
    await server.request(2);
    await clock.advance(0);
    expect(problems).toEqual([]);
  });

  it('says nothing secret of what went wrong', async () => {
    server.answer(text('S3CRET-answer', 'text/plain', 400, { 'x-secret': 'S3CRET-header' }));
    const { clock, open, problems } = withChannel(make(), env());
    open();
    await until(clock, () => problems.length > 0);
    expect(JSON.stringify(problems)).not.toContain('S3CRET');
    expect(problems[0]?.message).toMatch(
      new RegExp(`^alert channel ${name}: the message ghl-\\w+\\.1 was not delivered after one attempt \\(http_400\\)$`),
    );
  });
});

it('a port that nobody listens on is a network failure', async () => {
  const dead = await Loopback.start();
  await dead.stop();
  const { clock, open, problems } = withChannel(slack({ urlEnv: 'URL', ...given }), { URL: `${dead.origin}/` });
  open();
  await until(clock, () => problems.length > 0);
  expect(problems).toMatchObject([{ cause: 'network', attempts: 3 }]);
});
