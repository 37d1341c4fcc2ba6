import { inspect } from 'node:util';
import { BreakerRegistry } from 'fuseline';
import { email, pagerDuty, slack, startAlerts, webhook } from 'fuseline/alerts';
import { FakeClock } from 'fuseline/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testClient } from '../../../support/client.js';
import { everything } from '../../../support/everything.js';
import { answers, breaks, InMemory } from '../../../support/in-memory.js';
import { Loopback, text } from '../../../support/loopback.js';
import { MailServer } from '../../../support/mail-server.js';
import { recorder } from './recorder.js';

let web: Loopback;
let mail: MailServer & { readonly cert: string };
beforeAll(async () => {
  web = (await Loopback.start()).answer(text('S3CRET-answer-of-the-receiver', 'text/plain', 202));
  mail = await MailServer.start();
});
afterAll(async () => {
  await web.stop();
  await mail.stop();
});

it('nothing of a call, of an answer or of the environment is in a message, but for the key that PagerDuty wants', async () => {
  const env = {
    SLACK_URL: `${web.origin}/S3CRET-slack`,
    HOOK_URL: `${web.origin}/S3CRET-hook`,
    HOOK_SECRET: 'S3CRET-signature',
    PD_KEY: 'S3CRET-routing-key',
    SMTP_USER: 'ann',
    SMTP_PASSWORD: 'right',
    OTHER: 'S3CRET-other',
  };
  const clock = new FakeClock();
  const registry = new BreakerRegistry({ clock });
  const told = recorder();
  const problems: unknown[] = [];
  const channels = [
    told,
    slack({ urlEnv: 'SLACK_URL' }),
    webhook({ urlEnv: 'HOOK_URL', secretEnv: 'HOOK_SECRET' }),
    pagerDuty({ routingKeyEnv: 'PD_KEY', endpoint: `${web.origin}/v2/enqueue` }),
    email({
      host: '127.0.0.1',
      port: mail.port,
      ca: mail.cert,
      userEnv: 'SMTP_USER',
      passwordEnv: 'SMTP_PASSWORD',
      from: 'a@example.com',
      to: 'b@example.com',
    }),
  ];
  const alerts = startAlerts({ channels, registry, clock, env, onChannelError: (problem) => problems.push(problem) });
  const dispatcher = new InMemory(
    answers(503, { message: 'S3CRET-answer' }, { 'content-type': 'application/json', 'x-request-id': 'S3CRET-id' }),
    breaks(Object.assign(new Error('S3CRET-socket'), { code: 'ECONNRESET', data: 'S3CRET-data' })),
  );
  const acme = testClient(
    {
      baseUrl: 'https://acme.test',
      token: 'S3CRET-token',
      headers: { 'X-Tenant': 'S3CRET-tenant' },
      dispatcher,
      clock,
      registry,
      retry: false,
      breaker: { failureThreshold: 2 },
      fallbacks: {
        'things.everything': () => {
          throw new Error('S3CRET-fallback');
        },
      },
    },
    { operations: { everything } },
  );
  const params = { id: 'S3CRET-path', q: 'S3CRET-query', body: { text: 'S3CRET-body' } };
  for (let turn = 0; turn < 3; turn++) await acme.call(everything, params, { headers: { 'X-Call': 'S3CRET-header' } }).result();
  await Promise.all([web.request(3), mail.mail(1)]);
  acme.reset();
  await Promise.all([web.request(6), mail.mail(2)]);
  expect(told.alerts.map(({ rule }) => rule)).toEqual(['circuit_open', 'circuit_recovered']);
  const bodies = web.requests.map(({ body }) => String(body).replace('"routing_key":"S3CRET-routing-key"', ''));
  const written = inspect([told.alerts, bodies, mail.mails, problems, alerts, alerts.status(), channels], {
    depth: 10,
    showHidden: true,
    maxStringLength: null,
  });
  expect(written).toContain('http_503');
  expect(written).not.toContain('S3CRET');
});
