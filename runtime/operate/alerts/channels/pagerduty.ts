import type { DispatcherLike } from '../../../call/transport/types.js';
import type { PagerDutyOptions } from '../../../config/alert-types.js';
import { ConfigurationError } from '../../../errors/configuration-error.js';
import { checkedLater, givenOptions, type OptionTable } from '../../../errors/option-table.js';
import type { Alert } from '../alert.js';
import type { AlertChannel } from '../channel.js';
import { factsOf, headline, oneLine } from '../words.js';
import { publicUrl } from './addresses.js';
import { post } from './http.js';
import { COMMON_OPTIONS, givenDispatcher } from './options.js';

export interface PagerDutyChannelOptions extends PagerDutyOptions {
  /** Default `pagerduty`. */
  readonly name?: string | undefined;
  /** Anything with undici's `dispatch`, such as a `ProxyAgent`. */
  readonly dispatcher?: DispatcherLike | undefined;
}

const OPTIONS: OptionTable<PagerDutyChannelOptions> = {
  ...COMMON_OPTIONS,
  routingKeyEnv: checkedLater,
  endpoint: checkedLater,
  dedup: checkedLater,
  dispatcher: givenDispatcher,
};

const ENDPOINT = 'https://events.pagerduty.com/v2/enqueue';

/** The longest texts that PagerDuty accepts. */
const MAX_KEY = 255;
const MAX_SUMMARY = 1_024;

/**
 * The Events API v2 of PagerDuty. A reported incident triggers, and its end resolves it. Default `minSeverity`: `warning`.
 *
 * @throws {ConfigurationError} if an option does not exist or cannot work.
 * @see https://developer.pagerduty.com/docs/events-api-v2-overview
 */
export function pagerDuty(options: PagerDutyChannelOptions): AlertChannel {
  const {
    name = 'pagerduty',
    routingKeyEnv,
    endpoint = ENDPOINT,
    dedup = 'incident',
    minSeverity = 'warning',
    timeoutMs,
    maxAttempts,
    dispatcher,
  } = givenOptions('pagerDuty', options, OPTIONS);
  if (dedup !== 'incident' && dedup !== 'circuit')
    throw new ConfigurationError(`dedup of channel ${name}`, dedup, "'incident' or 'circuit'");
  return {
    name,
    minSeverity,
    timeoutMs,
    maxAttempts,
    keepsState: true,
    open({ secret }) {
      const url = publicUrl(endpoint, `endpoint of channel ${name}`, 'the URL of an Events API', true);
      const routingKey = secret(routingKeyEnv, 'the integration key of PagerDuty');
      return {
        send: (alert, { signal, now }) =>
          post({ url, body: JSON.stringify(pagerDutyEvent(alert, routingKey, dedup)), signal, now, dispatcher }),
      };
    },
  };
}

/** Returns the body of the request. */
export function pagerDutyEvent(alert: Alert, routingKey: string, dedup: 'incident' | 'circuit'): Readonly<Record<string, unknown>> {
  const { incident, subject, circuit, environment, status, severity, source, service, rule, runbook, dashboard, at } = alert;
  const key = dedup === 'incident' ? incident : ['fuseline', environment, subject].filter((part) => part !== null).join('/');
  const envelope = { routing_key: routingKey, dedup_key: oneLine(key, MAX_KEY) };
  if (status === 'resolved') return { ...envelope, event_action: 'resolve' };
  const links = [
    ['Runbook', runbook],
    ['Dashboard', dashboard],
  ].flatMap(([text, href]) => (href !== null && href !== undefined && /^https?:\/\//.test(href) ? [{ href, text }] : []));
  return {
    ...envelope,
    event_action: 'trigger',
    client: 'fuseline',
    ...(dashboard === null ? {} : { client_url: dashboard }),
    ...(links.length === 0 ? {} : { links }),
    payload: {
      summary: oneLine(headline(alert), MAX_SUMMARY),
      source,
      severity,
      timestamp: new Date(at).toISOString(),
      component: circuit,
      group: service,
      class: rule,
      custom_details: { ...Object.fromEntries(factsOf(alert)), Runbook: runbook },
    },
  };
}
