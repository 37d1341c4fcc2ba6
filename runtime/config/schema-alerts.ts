import { ALERT_DEFAULTS, RULE_DEFAULTS, type RuleValues } from './alert-types.js';
import { count, DAY, expecting, flag, type Schema } from './schema-kinds.js';

const SEVERITIES = ['critical', 'warning', 'info'];

const severity = (standard?: string): Schema => ({
  description: 'How urgent the message is.',
  enum: SEVERITIES,
  ...(standard === undefined ? {} : { default: standard }),
  ...expecting('critical, warning or info'),
});

const seconds = (description: string, standardMs: number, least: number): Schema => ({
  description,
  type: 'number',
  minimum: least,
  maximum: DAY,
  default: standardMs / 1_000,
  ...expecting(`a number of seconds from ${least} to ${DAY.toLocaleString('en')}`),
});

const rule = (description: string, key: keyof RuleValues, properties: Readonly<Record<string, Schema>> = {}): Schema => ({
  description,
  type: ['object', 'boolean'],
  additionalProperties: false,
  properties: { severity: severity(RULE_DEFAULTS[key].severity), ...properties },
  ...expecting('true, false or a mapping of the values of this rule'),
});

const { circuitOpenLong, lowSuccessRate } = RULE_DEFAULTS;

const rules: Schema = {
  description: 'What is told; a rule that is not named is on.',
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    circuit_open: rule('A circuit opened, by itself or by hand.', 'circuitOpen'),
    circuit_open_long: rule('A circuit has not been closed for this long, probes in between included.', 'circuitOpenLong', {
      after_seconds: seconds('How long, in seconds.', circuitOpenLong.afterMs, 1),
    }),
    low_success_rate: rule('Too few of the recent attempts succeeded, although the circuit is closed.', 'lowSuccessRate', {
      below: {
        description: 'The share of attempts that must succeed.',
        type: 'number',
        exclusiveMinimum: 0,
        maximum: 1,
        default: lowSuccessRate.below,
        ...expecting('a share above 0, up to 1, such as 0.95'),
      },
      window_seconds: seconds('How far back attempts count, in seconds.', lowSuccessRate.windowMs, 1),
      minimum_calls: count('Attempts that must have ended before the rate means anything.', lowSuccessRate.minimumCalls),
    }),
    circuit_half_open: rule('A circuit probes whether its service is back, for the first time in an incident.', 'circuitHalfOpen'),
    circuit_recovered: rule('A circuit is closed again; says how long that took.', 'circuitRecovered'),
  },
  ...expecting('a mapping of rules'),
};

/**
 * The name of an environment variable, because the file must not contain secrets. Names are in capitals, so that a password is not mistaken for one.
 */
const variable = (description: string): Schema => ({
  description: `Environment variable that holds ${description}.`,
  type: 'string',
  pattern: '^[A-Z][A-Z0-9_]*$',
  maxLength: 100,
  ...expecting('the name of an environment variable in capitals, such as SLACK_WEBHOOK_URL'),
});

const url = (description: string): Schema => ({
  description,
  type: 'string',
  pattern: '^https?://[^\\s]+$',
  ...expecting('a URL that begins with https:// or http://'),
});

const address: Schema = { type: 'string', pattern: '@', ...expecting('a mail address') };

/** All keys of all types of channels. `check-alerts.ts` checks which keys belong to which type, because its messages are clearer. */
const channel: Schema = {
  description: 'Where messages are sent; false switches off what a weaker block has.',
  type: ['object', 'boolean'],
  not: { const: true },
  additionalProperties: false,
  properties: {
    type: {
      description: 'slack: an incoming webhook. webhook: signed JSON. pagerduty: Events API v2. email: SMTP.',
      enum: ['slack', 'webhook', 'pagerduty', 'email'],
      ...expecting('slack, webhook, pagerduty or email'),
    },
    min_severity: { ...severity(), description: 'The least severity that is sent. Default: info, for pagerduty warning.' },
    timeout_seconds: seconds('Limit of one send, in seconds.', 10_000, 0.1),
    max_attempts: count('Sends of one message, the first included.', 8, 20),
    url_env: variable('the URL (of an email channel: smtp://user:password@host)'),
    url: url('Of a webhook: where to. A URL that is a secret belongs into a variable: url_env.'),
    secret_env: variable('the secret with which a webhook is signed'),
    routing_key_env: variable('the integration key of PagerDuty'),
    endpoint: url('Of PagerDuty, for its EU region: https://events.eu.pagerduty.com/v2/enqueue.'),
    dedup: {
      description:
        'Of pagerduty. incident: each process has incidents of its own. circuit: processes share one per service (or circuit, see group_by), which the first to recover resolves.',
      enum: ['incident', 'circuit'],
      default: 'incident',
      ...expecting('incident or circuit'),
    },
    host: { description: 'SMTP server.', type: 'string', minLength: 1, ...expecting('the name of a host') },
    port: {
      description: 'Of the SMTP server. Default 587, with security tls 465.',
      type: 'integer',
      minimum: 1,
      maximum: 65_535,
      ...expecting('a port from 1 to 65535'),
    },
    security: {
      description: 'starttls: nothing is sent to a server that cannot encrypt. tls: encrypted from the first byte. none: never.',
      enum: ['starttls', 'tls', 'none'],
      default: 'starttls',
      ...expecting('starttls, tls or none'),
    },
    user_env: variable('the SMTP user'),
    password_env: variable('the SMTP password'),
    from: { ...address, description: 'Sender of mails.' },
    to: {
      description: 'Receivers of mails.',
      type: ['string', 'array'],
      pattern: '@',
      minItems: 1,
      items: address,
      ...expecting('a mail address, or a list of them'),
    },
  },
  ...expecting('false or a mapping with type'),
};

/** The schema of `alerts:`, at the top level and in environments. */
export const ALERTS_SCHEMA: Schema = {
  description: 'Who is told when a circuit opens, stays open, fails too often and recovers. Used by fuseline/alerts.',
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    enabled: flag('False: nothing is sent.', true),
    group_by: {
      description: 'service: circuits of one service that open together are one incident. circuit: each by itself.',
      enum: ['service', 'circuit'],
      default: 'service',
      ...expecting('service or circuit'),
    },
    cooldown_seconds: {
      ...seconds(
        'A circuit that opens again this soon after it was told of is not told of again; its end is.',
        ALERT_DEFAULTS.cooldownMs,
        0,
      ),
    },
    check_interval_seconds: seconds('How often success rates are looked at, in seconds.', ALERT_DEFAULTS.checkIntervalMs, 0.1),
    rules: { $ref: '#/definitions/alert_rules' },
    services: {
      description: 'Rules of single services, stronger than `rules`.',
      type: ['object', 'null'],
      additionalProperties: {
        description: 'Rules of one service.',
        type: ['object', 'null'],
        additionalProperties: false,
        properties: { rules: { $ref: '#/definitions/alert_rules' } },
        ...expecting('a mapping with rules'),
      },
      ...expecting('a mapping of services'),
    },
    channels: {
      description: 'Where messages are sent, by a name of your own.',
      type: ['object', 'null'],
      propertyNames: {
        pattern: '^[A-Za-z][A-Za-z0-9_-]*$',
        maxLength: 60,
        ...expecting('a name of letters, digits, - and _, such as ops'),
      },
      additionalProperties: { $ref: '#/definitions/alert_channel' },
      ...expecting('a mapping of channels'),
    },
    dashboard_url: url('A page about the circuits, which messages link to.'),
    runbook_url: url('Where your copy of the runbooks is: `{page}` stands for the name of one, such as circuit-open.'),
  },
  ...expecting('a mapping with rules and channels'),
};

export const ALERT_DEFINITIONS: Readonly<Record<string, Schema>> = { alert_rules: rules, alert_channel: channel };
