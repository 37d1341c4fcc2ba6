import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerOptions } from 'smtp-server';
import { selfSigned } from './certificate.js';

/** A mail as the server took it. */
export interface Received {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body. */
  readonly raw: string;
  /** Over an encrypted connection. */
  readonly encrypted: boolean;
  readonly user: string | undefined;
}

/** A real SMTP server on loopback. */
export class MailServer {
  readonly port: number;
  readonly mails: Received[] = [];
  /** What a client tried to log in with. */
  readonly logins: Pick<SMTPServerAuthentication, 'username' | 'password'>[] = [];
  readonly #server: SMTPServer;
  readonly #waiting: (() => void)[];

  private constructor(server: SMTPServer, waiting: (() => void)[]) {
    this.#server = server;
    this.#waiting = waiting;
    this.port = (server.server.address() as AddressInfo).port;
  }

  /** `cert`: what clients must trust. Without `secure` encryption begins with STARTTLS. */
  static async start(given: SMTPServerOptions = {}, tls = selfSigned()): Promise<MailServer & { readonly cert: string }> {
    let mail: MailServer | undefined;
    const waiting: (() => void)[] = [];
    const server = new SMTPServer({
      ...tls,
      logger: false,
      authOptional: true,
      onAuth({ username, password }, _session, done) {
        mail?.logins.push({ username, password });
        if (password === 'right') done(null, { user: username ?? '' });
        else done(Object.assign(new Error('S3CRET says the server'), { responseCode: 535 }));
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          mail?.mails.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            raw: String(Buffer.concat(chunks)),
            encrypted: session.secure,
            user: session.user,
          });
          done();
          for (const resolve of waiting.splice(0)) resolve();
        });
      },
      ...given,
    });
    // Clients that give up break connections.
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    mail = new MailServer(server, waiting);
    return Object.assign(mail, { cert: tls.cert });
  }

  /** The mail of that number, counted from 1, as soon as it is there. */
  async mail(count: number): Promise<Received> {
    for (let mail = this.mails[count - 1]; ; mail = this.mails[count - 1]) {
      if (mail !== undefined) return mail;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
