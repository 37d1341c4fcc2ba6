import { createHmac } from 'node:crypto';
import type { DispatcherLike } from '../../../call/transport/types.js';
import type { WebhookOptions } from '../../../config/alert-types.js';
import { ConfigurationError } from '../../../errors/configuration-error.js';
import { checkedLater, givenOptions, type OptionTable } from '../../../errors/option-table.js';
import type { Alert } from '../alert.js';
import type { AlertChannel } from '../channel.js';
import { publicUrl, secretUrl } from './addresses.js';
import { post } from './http.js';
import { COMMON_OPTIONS, givenDispatcher } from './options.js';

export interface WebhookChannelOptions extends WebhookOptions {
  /** Default `webhook`. */
  readonly name?: string | undefined;
  /** Anything with undici's `dispatch`, such as a `ProxyAgent`. */
  readonly dispatcher?: DispatcherLike | undefined;
}

const OPTIONS: OptionTable<WebhookChannelOptions> = {
  ...COMMON_OPTIONS,
  url: checkedLater,
  urlEnv: checkedLater,
  secretEnv: checkedLater,
  dispatcher: givenDispatcher,
};

const SHORTEST_SECRET = 16;

/**
 * Posts JSON to a URL of yours, with the headers `webhook-id` (the same at every attempt), `webhook-timestamp` and `webhook-signature`. The signature
 * covers the id, the timestamp and the body, so a receiver can refuse messages that are forged, changed or old.
 *
 * @throws {ConfigurationError} if an option does not exist or cannot work.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhook(options: WebhookChannelOptions): AlertChannel {
  const {
    name = 'webhook',
    url: given,
    urlEnv,
    secretEnv,
    minSeverity,
    timeoutMs,
    maxAttempts,
    dispatcher,
  } = givenOptions('webhook', options, OPTIONS);
  if ((given === undefined) === (urlEnv === undefined))
    throw new ConfigurationError(`url of channel ${name}`, undefined, 'one of url and urlEnv');
  return {
    name,
    minSeverity,
    timeoutMs,
    maxAttempts,
    open({ secret }) {
      const what = 'the URL of a webhook';
      const url =
        urlEnv === undefined
          ? publicUrl(given ?? '', `url of channel ${name}`, what, false)
          : secretUrl(secret(urlEnv, what), urlEnv, what);
      const key = signingKey(secret(secretEnv, 'the secret that webhooks are signed with'), secretEnv);
      return {
        send(alert, { signal, now }) {
          const body = JSON.stringify(webhookBody(alert));
          return post({ url, body, headers: signatureHeaders(key, alert.id, now, body), signal, now, dispatcher });
        },
      };
    },
  };
}

/** Returns the body: names in snake case, durations in seconds, and times in ISO 8601. */
export function webhookBody(alert: Alert): Readonly<Record<string, unknown>> {
  const iso = (at: number): string => new Date(at).toISOString();
  return {
    type: alert.rule,
    timestamp: iso(alert.at),
    data: {
      incident: alert.incident,
      status: alert.status,
      severity: alert.severity,
      service: alert.service,
      subject: alert.subject,
      circuit_breaker: alert.circuit,
      circuit_breakers: alert.circuits,
      environment: alert.environment,
      source: alert.source,
      title: alert.title,
      since: iso(alert.since),
      duration: Math.round(alert.durationMs) / 1_000,
      why: alert.why,
      causes: alert.causes,
      callers_get: alert.callersGet,
      next_probe: alert.nextProbe,
      next_probe_at: alert.nextProbeAt === null ? null : iso(alert.nextProbeAt),
      success_rate: alert.successRate,
      untold: alert.untold,
      runbook: alert.runbook,
      dashboard: alert.dashboard,
    },
  };
}

/** Returns the headers of one attempt. Each attempt has its own signature, because its time is part of it. */
function signatureHeaders(key: Uint8Array, id: string, now: number, body: string): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}

/** Returns the key of a secret: `whsec_` and base64, as in the specification, or any other text. @throws {ConfigurationError} if it is too short. */
function signingKey(secret: string, variable: string): Uint8Array {
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret);
  if (key.length >= SHORTEST_SECRET) return key;
  throw new ConfigurationError(`environment variable ${variable}`, `${key.length} bytes`, `a secret of ${SHORTEST_SECRET} bytes or more`);
}
