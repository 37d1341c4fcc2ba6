import type { BreakerRegistry, Clock } from 'fuseline';
import { type Alerts, type ChannelProblem, email, pagerDuty, slack, startAlerts, webhook } from 'fuseline/alerts';
import { Loopback, text } from '../support/loopback.js';
import { MailServer } from '../support/mail-server.js';
import { SECRETS } from './secrets.js';

/** Alerts, with a real server behind every kind of channel: one that takes messages, and one that refuses them. */
export class Receivers {
  private constructor(
    readonly alerts: Alerts,
    readonly web: Loopback,
    readonly refusing: Loopback,
    readonly mail: MailServer,
    readonly logins: readonly string[],
    readonly problems: readonly ChannelProblem[],
  ) {}

  static async start(registry: BreakerRegistry, clock: Clock): Promise<Receivers> {
    const says = { 'x-says': SECRETS.receiverSays };
    const web = (await Loopback.start()).answer(text(SECRETS.receiverSays, 'text/plain', 202, says));
    const refusing = (await Loopback.start()).answer(text(SECRETS.receiverSays, 'text/plain', 400, says));
    const logins: string[] = [];
    const mail = await MailServer.start({
      onAuth({ username, password }, _session, done) {
        logins.push(`${username} ${password}`);
        if (password === SECRETS.smtpPassword) done(null, { user: username ?? '' });
        else done(Object.assign(new Error(`${SECRETS.smtpSays} ${password}`), { responseCode: 535 }));
      },
    });
    const env = {
      SLACK_URL: `${web.origin}/${encodeURIComponent(SECRETS.slackUrl)}`,
      HOOK_URL: `${web.origin}/hook?key=${encodeURIComponent(SECRETS.webhookUrl)}`,
      REFUSING_URL: `${refusing.origin}/${encodeURIComponent(SECRETS.webhookUrl)}`,
      HOOK_SECRET: SECRETS.webhookSecret,
      PD_KEY: SECRETS.routingKey,
      SMTP_USER: SECRETS.smtpUser,
      SMTP_PASSWORD: SECRETS.smtpPassword,
      SMTP_WRONG: SECRETS.smtpWrongPassword,
      OTHER: SECRETS.variable,
    };
    // The clock is moved while messages are on their way: it must not end them.
    const patient = { timeoutMs: 500_000_000, maxAttempts: 1 };
    const smtp = { ...patient, host: '127.0.0.1', port: mail.port, ca: mail.cert, from: 'a@example.com', to: 'b@example.com' };
    const problems: ChannelProblem[] = [];
    const alerts = startAlerts({
      channels: [
        slack({ ...patient, urlEnv: 'SLACK_URL' }),
        webhook({ ...patient, urlEnv: 'HOOK_URL', secretEnv: 'HOOK_SECRET' }),
        pagerDuty({ ...patient, routingKeyEnv: 'PD_KEY', endpoint: `${web.origin}/v2/enqueue` }),
        email({ ...smtp, userEnv: 'SMTP_USER', passwordEnv: 'SMTP_PASSWORD' }),
        webhook({ ...patient, name: 'refusing', urlEnv: 'REFUSING_URL', secretEnv: 'HOOK_SECRET' }),
        email({ ...smtp, name: 'wrong', userEnv: 'SMTP_USER', passwordEnv: 'SMTP_WRONG' }),
      ],
      registry,
      clock,
      env,
      environment: 'test',
      onChannelError: (problem) => {
        problems.push(problem);
        throw new Error(SECRETS.listenerError);
      },
    });
    return new Receivers(alerts, web, refusing, mail, logins, problems);
  }

  /** Waits until all was sent. */
  async stop(): Promise<void> {
    await this.alerts.close();
    await Promise.all([this.web.stop(), this.refusing.stop(), this.mail.stop()]);
  }

  /** What was sent, less what lets it in: the URLs of Slack and of the webhooks, PagerDuty's key in its field, and the login. */
  messages(): readonly string[] {
    return [
      ...[...this.web.requests, ...this.refusing.requests].map(
        ({ headers, body }) =>
          JSON.stringify(headers) + String(body).replace(`"routing_key":${JSON.stringify(SECRETS.routingKey)}`, '"routing_key":""'),
      ),
      ...this.mail.mails.map(({ raw }) => raw),
    ];
  }

  /** Whatever was sent, to see that the credentials were used. */
  everything(): string {
    const requests = [...this.web.requests, ...this.refusing.requests].map(({ url, body }) => `${url}\n${body}`);
    return [...requests, ...this.logins].join('\n');
  }
}
