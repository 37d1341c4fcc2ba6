import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type EmailChannelOptions, email } from 'fuseline/alerts';
import type { SMTPServerOptions } from 'smtp-server';
import { describe, expect, it } from 'vitest';
import { mailOf } from '../../../../../runtime/operate/alerts/channels/email.js';
import { MailServer } from '../../../../support/mail-server.js';
import { alert } from '../alert.js';
import { until, withChannel } from './setup.js';

const people = { from: 'Fuseline <alerts@example.com>', to: ['ops@example.com', 'b@example.com'] };
const login = { userEnv: 'SMTP_USER', passwordEnv: 'SMTP_PASSWORD' };
const env = { SMTP_USER: 'ann', SMTP_PASSWORD: 'right' };

async function withServer(
  given: SMTPServerOptions,
  work: (
    server: MailServer & { readonly cert: string },
    channel: (more?: Partial<EmailChannelOptions>) => ReturnType<typeof email>,
  ) => Promise<void>,
): Promise<void> {
  const server = await MailServer.start(given);
  try {
    await work(server, (more) => email({ host: '127.0.0.1', port: server.port, ca: server.cert, ...people, ...more }));
  } finally {
    await server.stop();
  }
}

describe('mail', () => {
  it('goes out encrypted, to all, with text, table and thread', () =>
    withServer({}, async (server, channel) => {
      const { open, close, problems } = withChannel(channel(login), env);
      open();
      const first = await server.mail(1);
      expect(first).toMatchObject({ from: 'alerts@example.com', to: ['ops@example.com', 'b@example.com'], encrypted: true, user: 'ann' });
      const [head = '', body = ''] = first.raw.split(/\r\n\r\n(.*)/s);
      const unfolded = head.replace(/\r\n[ \t]/g, ' ');
      expect(unfolded).toContain('Subject: [CRITICAL] ghl: circuit open, calls are refused');
      expect(unfolded).toContain('Auto-Submitted: auto-generated');
      expect(unfolded).toContain('Importance: High');
      const id = /Message-ID: (<ghl-\w+\.1@fuseline>)/.exec(unfolded)?.[1];
      expect(body).toContain('Why: one failure');
      expect(body).toContain('<h2>ghl: circuit open, calls are refused</h2>');
      close();
      const second = (await server.mail(2)).raw.replace(/\r\n[ \t]/g, ' ');
      expect(second).toContain('Subject: [RESOLVED] ghl: recovered after 0 s');
      expect(second).toContain(`In-Reply-To: ${id}`);
      expect(second).toContain(`References: ${id}`);
      expect(problems).toEqual([]);
    }));

  it('over TLS from the first byte', () =>
    withServer({ secure: true }, async (server, channel) => {
      const { open } = withChannel(channel({ security: 'tls', ...login }), env);
      open();
      expect(await server.mail(1)).toMatchObject({ encrypted: true, user: 'ann' });
    }));

  it('without encryption where that is said', () =>
    withServer({ disabledCommands: ['STARTTLS'] }, async (server, channel) => {
      const { open } = withChannel(channel({ security: 'none', to: 'ops@example.com' }), {});
      open();
      expect(await server.mail(1)).toMatchObject({ encrypted: false, to: ['ops@example.com'], user: undefined });
    }));

  it('as a URL of a variable says', () =>
    withServer({}, async (server) => {
      const channel = email({ urlEnv: 'SMTP_URL', ca: server.cert, ...people });
      const { open } = withChannel(channel, { SMTP_URL: `smtp://a%40b:right@127.0.0.1:${server.port}` });
      open();
      expect(await server.mail(1)).toMatchObject({ encrypted: true, user: 'a@b' });
    }));
});

describe('what goes wrong', () => {
  it('a server that cannot encrypt gets neither password nor mail', () =>
    withServer({ disabledCommands: ['STARTTLS'] }, async (server, channel) => {
      const { open, problems, clock } = withChannel(channel(login), env);
      open();
      await until(clock, () => problems.length > 0);
      expect(problems).toMatchObject([{ channel: 'email', kind: 'failed', cause: 'tls', attempts: 1 }]);
      expect([server.logins, server.mails]).toEqual([[], []]);
    }));

  it('a certificate that nobody vouches for ends it before the password', () =>
    withServer({}, async (server, channel) => {
      const { open, problems, clock } = withChannel(channel({ ...login, ca: undefined }), env);
      open();
      await until(clock, () => problems.length > 0);
      expect(problems).toMatchObject([{ cause: 'tls', attempts: 1 }]);
      expect([server.logins, server.mails]).toEqual([[], []]);
    }));

  it('a wrong password is not tried again, and not told', () =>
    withServer({}, async (server, channel) => {
      const { open, problems, clock } = withChannel(channel(login), { ...env, SMTP_PASSWORD: 'S3CRET' });
      open();
      await until(clock, () => problems.length > 0);
      expect(problems).toMatchObject([{ cause: 'auth_535', attempts: 1 }]);
      expect(JSON.stringify(problems)).not.toContain('S3CRET');
      expect(server.logins).toHaveLength(1);
    }));

  it('what the server cannot take now is tried again', () => {
    let tries = 0;
    const onMailFrom: SMTPServerOptions['onMailFrom'] = (_address, _session, done) => {
      tries++;
      done(tries === 1 ? Object.assign(new Error('busy'), { responseCode: 451 }) : null);
    };
    return withServer({ onMailFrom }, async (server, channel) => {
      const { open, problems, clock } = withChannel(channel(), {});
      open();
      await until(clock, () => server.mails.length > 0);
      expect([tries, problems]).toEqual([2, []]);
    });
  });

  it('what it will never take is not', () => {
    const onMailFrom: SMTPServerOptions['onMailFrom'] = (_address, _session, done) =>
      done(Object.assign(new Error('no'), { responseCode: 550 }));
    return withServer({ onMailFrom }, async (_, channel) => {
      const { open, problems, clock } = withChannel(channel(), {});
      open();
      await until(clock, () => problems.length > 0);
      expect(problems).toMatchObject([{ cause: 'smtp_550', attempts: 1 }]);
    });
  });

  it('a receiver that it does not know is told, and the others get no second copy', () => {
    const onRcptTo: SMTPServerOptions['onRcptTo'] = ({ address }, _session, done) =>
      done(address.startsWith('b@') ? Object.assign(new Error('who?'), { responseCode: 550 }) : null);
    return withServer({ onRcptTo }, async (server, channel) => {
      const { open, problems, clock } = withChannel(channel(), {});
      open();
      await until(clock, () => problems.length > 0);
      expect(problems).toMatchObject([{ cause: 'some_recipients_rejected', attempts: 1 }]);
      expect(server.mails).toMatchObject([{ to: ['ops@example.com'] }]);
    });
  });

  it.each([
    ['never greets', ''],
    ['greets and falls silent', '220 here\r\n'],
  ])('a server that %s is left when the time is up', async (_, greeting) => {
    const sockets: Socket[] = [];
    const mute: Server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined).resume();
      if (greeting !== '') socket.write(greeting);
    });
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = mute.address() as { port: number };
      const { open, problems, clock } = withChannel(email({ host: '127.0.0.1', port, timeoutMs: 3_000, maxAttempts: 2, ...people }), {});
      open();
      for (let attempt = 1; attempt <= 2; attempt++) {
        await until(clock, () => sockets.length === attempt);
        const closed = once(sockets[attempt - 1] ?? mute, 'close');
        await clock.advance(3_000);
        await closed;
      }
      expect(problems).toMatchObject([{ cause: 'timeout', attempts: 2 }]);
    } finally {
      for (const socket of sockets) socket.destroy();
      mute.close();
    }
  });

  it('a port that nobody listens on is a network failure, and tried again', async () => {
    const server = await MailServer.start();
    await server.stop();
    const { open, problems, clock } = withChannel(email({ host: '127.0.0.1', port: server.port, maxAttempts: 2, ...people }), {});
    open();
    await until(clock, () => problems.length > 0);
    expect(problems).toMatchObject([{ cause: 'network', attempts: 2 }]);
  });
});

describe('the mail', () => {
  it('holds no line that a name could begin, and no tag', () => {
    const nasty = 'x\r\nBcc: evil@example.com <script>alert(1)</script> " \'';
    const mail = mailOf(alert({ title: nasty, why: nasty, dashboard: null, runbook: 'docs/a.md' }), 'a@b.c', ['d@e.f']);
    expect(mail.subject).not.toMatch(/[\r\n]/);
    expect(mail.html).not.toContain('<script>');
    expect(mail.html).toContain('&lt;script&gt;');
    expect(mail.html).not.toContain('<a ');
  });

  it('is of high priority only while something critical goes on', () => {
    const priority = (given: Parameters<typeof alert>[0]): string => mailOf(alert(given), 'a@b.c', ['d@e.f']).priority;
    expect([priority({}), priority({ severity: 'warning' }), priority({ status: 'resolved' })]).toEqual(['high', 'normal', 'normal']);
  });
});

describe('what it refuses', () => {
  const base = { host: 'smtp.example.com', ...people };
  it.each<[string, object, Record<string, string>, string]>([
    ['no server', { host: undefined }, {}, 'host of channel email is undefined, expected one of host and urlEnv'],
    ['two servers', { urlEnv: 'URL' }, {}, 'expected one of host and urlEnv'],
    [
      'half a login',
      { userEnv: 'SMTP_USER' },
      env,
      'userEnv of channel email is "SMTP_USER", expected both of userEnv and passwordEnv, or neither',
    ],
    ['nobody to send to', { to: [] }, {}, 'to of channel email is a list, expected at least one mail address'],
    ['no address', { to: ['ops'] }, {}, 'to of channel email is "ops", expected a mail address'],
    [
      'an address of two lines',
      { from: 'a@b.c\r\nBcc: d@e.f' },
      {},
      'from of channel email is "a@b.c\\r\\nBcc: d@e.f", expected a mail address',
    ],
    ['a port', { port: 0 }, {}, 'port of channel email is 0, expected a port from 1 to 65535'],
    ['a security', { security: 'ssl' }, {}, 'security of channel email is "ssl", expected starttls, tls or none'],
    [
      'a login that everyone can read',
      { security: 'none', ...login },
      env,
      'security of channel email is "none", expected starttls or tls. A password is not sent',
    ],
    ['a missing password', login, { SMTP_USER: 'ann' }, 'environment variable SMTP_PASSWORD is undefined, expected the SMTP password'],
    [
      'a URL of something else',
      { host: undefined, urlEnv: 'URL' },
      { URL: 'https://ann:S3CRET@example.com' },
      'environment variable URL is undefined, expected a URL such as smtp://',
    ],
  ])('%s', (_, options, variables, message) => {
    const start = (): unknown => withChannel(email({ ...base, ...options } as EmailChannelOptions), variables);
    expect(start).toThrow(message);
    expect(start).not.toThrow('S3CRET');
  });

  it('takes a login to this machine as it is', () => {
    expect(() => withChannel(email({ ...base, host: 'localhost', security: 'none', ...login }), env)).not.toThrow();
  });
});
