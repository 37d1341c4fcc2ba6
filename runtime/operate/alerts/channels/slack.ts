import type { DispatcherLike } from '../../../call/transport/types.js';
import type { SlackOptions } from '../../../config/alert-types.js';
import { checkedLater, givenOptions, type OptionTable } from '../../../errors/option-table.js';
import type { Alert } from '../alert.js';
import type { AlertChannel } from '../channel.js';
import { factsOf, headline, oneLine } from '../words.js';
import { secretUrl } from './addresses.js';
import { post } from './http.js';
import { COMMON_OPTIONS, givenDispatcher } from './options.js';

export interface SlackChannelOptions extends SlackOptions {
  /** Default `slack`. */
  readonly name?: string | undefined;
  /** Anything with undici's `dispatch`, such as a `ProxyAgent`. */
  readonly dispatcher?: DispatcherLike | undefined;
}

const OPTIONS: OptionTable<SlackChannelOptions> = { ...COMMON_OPTIONS, urlEnv: checkedLater, dispatcher: givenDispatcher };

/**
 * An incoming webhook of Slack.
 *
 * @throws {ConfigurationError} if an option does not exist or cannot work.
 * @see https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slack(options: SlackChannelOptions): AlertChannel {
  const { name = 'slack', urlEnv, minSeverity, timeoutMs, maxAttempts, dispatcher } = givenOptions('slack', options, OPTIONS);
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

/** The longest header that Slack accepts. */
const MAX_HEADER = 150;
/** The longest text of a field. Slack accepts 2,000 characters. Texts are cut before escaping, which makes at most five characters of one. */
const MAX_TEXT = 380;
/** The most fields of one section. */
const MAX_FIELDS = 10;

/** Returns the body of the request. Notifications show only `text`. */
export function slackMessage(alert: Alert): Readonly<Record<string, unknown>> {
  const sign = alert.status === 'resolved' ? ':large_green_circle:' : SIGNS[alert.severity];
  const links = [link(alert.runbook, 'Runbook'), ...(alert.dashboard === null ? [] : [link(alert.dashboard, 'Dashboard')])];
  return {
    text: escapeMrkdwn(oneLine(headline(alert), MAX_HEADER)),
    blocks: [
      // Plain text is not escaped.
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
 * Escapes `<`, `>` and `&`, which begin links, mentions and entities, and puts a zero-width space after characters that begin a format. An underscore
 * within a word begins no format. It stays as it is, because people copy ids and paths from messages.
 */
function escapeMrkdwn(text: string): string {
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
