import { connect, type Socket } from 'node:net';
import { DeliveryError } from '../delivery-error.js';

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly auth?: { readonly user: string; readonly pass: string } | undefined;
  readonly ca?: string | undefined;
}

/** The message that nodemailer receives. */
export interface Mail {
  readonly from: string;
  readonly to: string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly inReplyTo?: string;
  readonly references?: string;
  readonly headers: Record<string, string>;
  readonly priority: 'high' | 'normal';
}

/**
 * Sends one mail over a new connection. The connection is opened here and passed to nodemailer, so that an abort closes it in every phase.
 *
 * @throws {DeliveryError} with the kind of failure, and no text of the server.
 */
export async function sendMail(server: SmtpServer, mail: Mail, signal: AbortSignal): Promise<void> {
  const { createTransport } = await loadNodemailer();
  const { host, port, security, auth, ca } = server;
  let socket: Socket | undefined;
  const end = (): void => {
    socket?.destroy();
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    const transport = createTransport({
      host,
      port,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(auth === undefined ? {} : { auth }),
      ...(ca === undefined ? {} : { tls: { ca } }),
      disableFileAccess: true,
      disableUrlAccess: true,
      getSocket: (_options: unknown, callback: (error: Error | null, made?: { connection: Socket }) => void): void => {
        if (signal.aborted) {
          callback(new Error('aborted'));
          return;
        }
        const made = connect({ host, port });
        socket = made;
        made.once('error', callback);
        made.once('connect', () => {
          made.removeListener('error', callback);
          callback(null, { connection: made });
        });
      },
    });
    const { rejected = [] } = await transport.sendMail(mail);
    // Another attempt would send the mail twice to the other recipients.
    if (rejected.length > 0) throw new DeliveryError('some_recipients_rejected', { retryable: false });
  } catch (error) {
    throw signal.aborted ? new DeliveryError('timeout') : deliveryError(error);
  } finally {
    signal.removeEventListener('abort', end);
    end();
  }
}

/** The used part of nodemailer. Its own types are not imported, because not every version has them. */
interface Nodemailer {
  createTransport(options: object): { sendMail(mail: Mail): Promise<{ readonly rejected?: readonly unknown[] }> };
}

/** Loads nodemailer. @throws {DeliveryError} if it is not installed. */
export async function loadNodemailer(): Promise<Nodemailer> {
  try {
    const loaded = (await import('nodemailer')) as unknown as Partial<Nodemailer> & { readonly default: Nodemailer };
    // Older versions are CommonJS.
    return loaded.createTransport === undefined ? loaded.default : (loaded as Nodemailer);
  } catch {
    throw new DeliveryError('nodemailer_is_not_installed', { retryable: false });
  }
}

/** Node's codes of invalid certificates and failed handshakes. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|^ERR_(?:TLS|SSL)/;

/** Returns the delivery error for an SMTP error. A wrong password, missing encryption and a refused address or text are not retryable. */
function deliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const { code, originalCode, responseCode } = Object(error) as Readonly<Record<string, unknown>>;
  const status = typeof responseCode === 'number' && responseCode >= 400 && responseCode < 600 ? responseCode : undefined;
  if (code === 'ETLS' || CERTIFICATE.test(String(originalCode ?? code))) return new DeliveryError('tls', { retryable: false });
  const what = code === 'EAUTH' || code === 'ENOAUTH' ? 'auth' : status !== undefined ? 'smtp' : 'network';
  if (status === undefined) return new DeliveryError(what, { retryable: what !== 'auth' });
  return new DeliveryError(`${what}_${status}`, { retryable: status < 500 });
}
