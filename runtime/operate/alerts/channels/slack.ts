import type { DispatcherLike } from '../../../call/transport/types.js';
import type { SlackOptions } from '../../../config/alert-types.js';
import type { Alert } from '../alert.js';
import type { AlertChannel } from '../channel.js';
import { factsOf, headline, oneLine } from '../words.js';
import { secretUrl } from './addresses.js';
import { post } from './http.js';

export interface SlackChannelOptions extends SlackOptions {
  /** Default `slack`. */
  readonly name?: string | undefined;
  /** Anything with undici's `dispatch`, such as a `ProxyAgent`. */
  readonly dispatcher?: DispatcherLike | undefined;
}

/**
 * An incoming webhook of Slack.
 *
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slack(options: SlackChannelOptions): AlertChannel {
  const { name = 'slack', urlEnv, minSeverity, timeoutMs, maxAttempts, dispatcher } = options;
  return {
    name,
    minSeverity,
    timeoutMs,
    maxAttempts,
    open({ secret }) {
      const url = secretUrl(secret(urlEnv, 'the URL of an incoming webhook of Slack'), urlEnv, 'the URL of an incoming webhook of Slack');
      return { send: (alert, { signal, now }) => post({ url, body: JSON.stringify(slackMessage(alert)), signal, now, dispatcher }) };
    },
  };
}

const SIGNS = { critical: ':red_circle:', warning: ':large_yellow_circle:', info: ':information_source:' } as const;

/** The longest header that Slack takes. */
const MAX_HEADER = 150;
/** A field is 2,000 characters at most. Cut before it is escaped, so that no escape is cut in two; one character becomes five at most. */
const MAX_TEXT = 380;
/** Fields of one section. */
const MAX_FIELDS = 10;

/** The body of the request. Without blocks, `text` is what a notification shows. */
export function slackMessage(alert: Alert): Readonly<Record<string, unknown>> {
  const sign = alert.status === 'resolved' ? ':large_green_circle:' : SIGNS[alert.severity];
  const links = [link(alert.runbook, 'Runbook'), ...(alert.dashboard === null ? [] : [link(alert.dashboard, 'Dashboard')])];
  return {
    text: escapeMrkdwn(oneLine(headline(alert), MAX_HEADER)),
    blocks: [
      // No mrkdwn here, so nothing is escaped.
      { type: 'header', text: { type: 'plain_text', text: oneLine(`${sign} ${alert.title}`, MAX_HEADER), emoji: true } },
      {
        type: 'section',
        fields: factsOf(alert)
          .slice(0, MAX_FIELDS)
          .map(([label, text]) => ({ type: 'mrkdwn', text: `*${label}:* ${escapeMrkdwn(oneLine(text, MAX_TEXT))}` })),
      },
      {
        type: 'context',
        elements: [{ type: 'mrkdwn', text: `${links.join(' · ')} · incident ${escapeMrkdwn(alert.incident)}` }],
      },
    ],
  };
}

/**
 * The zero-width space keeps a character from beginning a format; `<`, `>` and `&` would begin links, mentions and entities. An underscore
 * within a word begins none, and stays as it is: ids and paths are copied from messages.
 */
export function escapeMrkdwn(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '$&\u200b');
}

function link(target: string, label: string): string {
  if (!/^https?:\/\//.test(target)) return `${label}: ${escapeMrkdwn(target)}`;
  return `<${target.replaceAll('&', '&amp;').replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C')}|${label}>`;
}
