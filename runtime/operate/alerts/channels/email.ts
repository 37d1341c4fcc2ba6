import type { EmailOptions } from '../../../config/alert-types.js';
import { text } from '../../../errors/checks.js';
import { ConfigurationError } from '../../../errors/configuration-error.js';
import { checkedLater, givenOptions, type OptionTable } from '../../../errors/option-table.js';
import { isList } from '../../../errors/readable.js';
import type { Alert } from '../alert.js';
import type { AlertChannel, ChannelContext } from '../channel.js';
import { factsOf, headline, oneLine, plainText } from '../words.js';
import { isLoopback } from './addresses.js';
import { COMMON_OPTIONS } from './options.js';
import { loadNodemailer, type Mail, type SmtpServer, sendMail } from './smtp.js';

export interface EmailChannelOptions extends EmailOptions {
  /** Default `email`. */
  readonly name?: string | undefined;
  /** The trusted certificates as PEM, instead of the well-known ones, for a server with a certificate of your own. */
  readonly ca?: string | undefined;
}

const OPTIONS: OptionTable<EmailChannelOptions> = {
  ...COMMON_OPTIONS,
  host: text,
  port: checkedLater,
  security: checkedLater,
  urlEnv: checkedLater,
  userEnv: checkedLater,
  passwordEnv: checkedLater,
  from: checkedLater,
  to: (option, to: unknown) => {
    if (typeof to !== 'string' && !isList(to)) throw new ConfigurationError(option, to, 'a mail address, or a list of them');
  },
  ca: text,
};

const MAX_SUBJECT = 200;

/**
 * Sends mail over SMTP. Needs the package `nodemailer`. The mails of one incident form a thread.
 *
 * @throws {ConfigurationError} if an option does not exist or cannot work, or options contradict each other.
 */
export function email(given: EmailChannelOptions): AlertChannel {
  const options: EmailChannelOptions = givenOptions('email', given, OPTIONS);
  const { name = 'email', from, to, minSeverity, timeoutMs, maxAttempts } = options;
  const receivers = typeof to === 'string' ? [to] : [...(to ?? [])];
  for (const [option, address] of [['from', from] as const, ...receivers.map((each) => ['to', each] as const)]) {
    if (typeof address !== 'string' || !/^[^\r\n]*@[^\r\n]*$/.test(address))
      throw new ConfigurationError(`${option} of channel ${name}`, address, 'a mail address');
  }
  if (receivers.length === 0) throw new ConfigurationError(`to of channel ${name}`, to, 'at least one mail address');
  if ((options.host === undefined) === (options.urlEnv === undefined))
    throw new ConfigurationError(`host of channel ${name}`, options.host, 'one of host and urlEnv');
  if ((options.userEnv === undefined) !== (options.passwordEnv === undefined))
    throw new ConfigurationError(`userEnv of channel ${name}`, options.userEnv, 'both of userEnv and passwordEnv, or neither');
  return {
    name,
    minSeverity,
    timeoutMs,
    maxAttempts,
    open(context) {
      const server = serverOf(options, name, context);
      if (server.auth !== undefined && server.security === 'none' && !isLoopback(server.host))
        throw new ConfigurationError(
          `security of channel ${name}`,
          'none',
          'starttls or tls',
          'A password is not sent over an unencrypted connection.',
        );
      // Loaded now, so that a missing package is reported before the first outage.
      loadNodemailer().catch(() =>
        context.unavailable('nodemailer_is_not_installed', 'it needs the package nodemailer: npm install nodemailer'),
      );
      return { send: (alert, { signal }) => sendMail(server, mailOf(alert, from, receivers), signal) };
    },
  };
}

function serverOf(options: EmailChannelOptions, name: string, { secret }: ChannelContext): SmtpServer {
  const { host = '', urlEnv, userEnv, passwordEnv, security = 'starttls', port, ca } = options;
  if (urlEnv !== undefined) return { ...fromUrl(secret(urlEnv, 'the URL of an SMTP server'), urlEnv), ca };
  if (!['starttls', 'tls', 'none'].includes(security))
    throw new ConfigurationError(`security of channel ${name}`, security, 'starttls, tls or none');
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw new ConfigurationError(`port of channel ${name}`, port, 'a port from 1 to 65535');
  const auth =
    userEnv === undefined || passwordEnv === undefined
      ? undefined
      : { user: secret(userEnv, 'the SMTP user'), pass: secret(passwordEnv, 'the SMTP password') };
  return { host, port: port ?? (security === 'tls' ? 465 : 587), security, auth, ca };
}

/** Reads the URL of a server. `smtp:` means STARTTLS, `smtps:` TLS from the first byte. The URL holds a password, and is never shown. */
function fromUrl(text: string, variable: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '' || (url.protocol !== 'smtp:' && url.protocol !== 'smtps:'))
    throw new ConfigurationError(
      `environment variable ${variable}`,
      undefined,
      'a URL such as smtp://user:password@smtp.example.com:587',
      'Its value is not shown, because it can hold a password.',
    );
  const security = url.protocol === 'smtps:' ? 'tls' : 'starttls';
  const auth = url.username === '' ? undefined : { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) };
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (security === 'tls' ? 465 : 587) : Number(url.port),
    security,
    auth,
  };
}

/** Returns the mail, as text and as a small table. */
export function mailOf(alert: Alert, from: string, to: readonly string[]): Mail {
  const { incident, id, severity, status } = alert;
  const address = (of: string): string => `<${of.replace(/[^\w.-]/g, '_')}@fuseline>`;
  const root = address(`${incident}.1`);
  return {
    from,
    to: [...to],
    subject: oneLine(headline(alert), MAX_SUBJECT),
    text: plainText(alert),
    html: html(alert),
    messageId: address(id),
    ...(address(id) === root ? {} : { inReplyTo: root, references: root }),
    headers: { 'Auto-Submitted': 'auto-generated' },
    priority: severity === 'critical' && status !== 'resolved' ? 'high' : 'normal',
  };
}

function html(alert: Alert): string {
  const rows = factsOf(alert).map(
    ([label, text]) => `<tr><th align="left" valign="top">${escapeHtml(label)}</th><td>${escapeHtml(text)}</td></tr>`,
  );
  const links = [`Runbook: ${link(alert.runbook)}`, ...(alert.dashboard === null ? [] : [`Dashboard: ${link(alert.dashboard)}`])];
  return `<h2>${escapeHtml(alert.title)}</h2><table cellpadding="4">${rows.join('')}</table><p>${links.join('<br>')}</p><p>Incident ${escapeHtml(alert.incident)}</p>`;
}

function link(target: string): string {
  const text = escapeHtml(target);
  return /^https?:\/\//.test(target) ? `<a href="${text}">${text}</a>` : text;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
