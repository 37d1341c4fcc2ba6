export type AlertSeverity = 'critical' | 'warning' | 'info';

/** The alert rules, by their names in the YAML and in messages. */
export type AlertRule = 'circuit_open' | 'circuit_open_long' | 'low_success_rate' | 'circuit_half_open' | 'circuit_recovered';

/** The values of each rule. */
export interface RuleValues {
  /** The circuit opened, by itself or by hand. Default severity: critical. */
  readonly circuitOpen: { readonly severity: AlertSeverity };
  /** The circuit has not been closed for `afterMs` milliseconds, including half-open periods. Default: critical, 300,000. */
  readonly circuitOpenLong: { readonly severity: AlertSeverity; readonly afterMs: number };
  /**
   * Less than the share `below` of the attempts in the last `windowMs` milliseconds succeeded, and there were at least `minimumCalls`. Default:
   * warning, 0.95, 300,000, 20.
   */
  readonly lowSuccessRate: {
    readonly severity: AlertSeverity;
    readonly below: number;
    readonly windowMs: number;
    readonly minimumCalls: number;
  };
  /** The circuit became half-open for the first time in this incident. Default severity: info. */
  readonly circuitHalfOpen: { readonly severity: AlertSeverity };
  /** The circuit closed again, or its success rate recovered. Default severity: info. */
  readonly circuitRecovered: { readonly severity: AlertSeverity };
}

/**
 * The rules as configured. Missing values have their defaults. `false` turns a rule off; `true` turns a rule on that an earlier layer turned off.
 */
export type AlertRules = { readonly [R in keyof RuleValues]?: boolean | Partial<RuleValues[R]> | undefined };

/** The effective rules: each rule with all of its values, or `false`. */
export type ResolvedRules = { readonly [R in keyof RuleValues]: RuleValues[R] | false };

export const RULE_DEFAULTS: RuleValues = {
  circuitOpen: { severity: 'critical' },
  circuitOpenLong: { severity: 'critical', afterMs: 300_000 },
  lowSuccessRate: { severity: 'warning', below: 0.95, windowMs: 300_000, minimumCalls: 20 },
  circuitHalfOpen: { severity: 'info' },
  circuitRecovered: { severity: 'info' },
};

export const ALERT_DEFAULTS = { cooldownMs: 300_000, checkIntervalMs: 15_000 } as const;

/** The settings that all channels have. */
interface ChannelCommon {
  /** Lowest severity that is sent. A channel that reported an incident also reports its end, regardless of severity. */
  readonly minSeverity?: AlertSeverity | undefined;
  /** Limit of one delivery attempt, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Largest number of delivery attempts per message, including the first. Default 8, which takes about two minutes. */
  readonly maxAttempts?: number | undefined;
}

/** A channel that sends to an incoming webhook of Slack. */
export interface SlackOptions extends ChannelCommon {
  /** Environment variable with the URL of the webhook. The URL is a secret. */
  readonly urlEnv: string;
}

/** A channel that posts JSON, signed with HMAC-SHA256 according to the Standard Webhooks specification. */
export interface WebhookOptions extends ChannelCommon {
  /** The URL. Either this or `urlEnv` is required. */
  readonly url?: string | undefined;
  /** Environment variable with the URL, if the URL is a secret. */
  readonly urlEnv?: string | undefined;
  /** Environment variable with the secret of the signature: `whsec_` followed by base64, or any text of at least 16 characters. */
  readonly secretEnv: string;
}

/** A channel that sends to the Events API v2 of PagerDuty. `minSeverity` defaults to `warning`, because an `info` message must not page a person. */
export interface PagerDutyOptions extends ChannelCommon {
  /** Environment variable with the integration key. */
  readonly routingKeyEnv: string;
  /** Default `https://events.pagerduty.com/v2/enqueue`; for the EU region `https://events.eu.pagerduty.com/v2/enqueue`. */
  readonly endpoint?: string | undefined;
  /**
   * `incident`: each process has its own incidents. `circuit`: all processes share one incident per service (or per circuit, if incidents are per
   * circuit), and the first process that recovers resolves it. Default `incident`.
   */
  readonly dedup?: 'incident' | 'circuit' | undefined;
}

/** A channel that sends mail over SMTP with nodemailer. */
export interface EmailOptions extends ChannelCommon {
  /** Host name of the server. Either this or `urlEnv` is required. */
  readonly host?: string | undefined;
  /** Port of the server. Default 587; with `security: 'tls'` 465. */
  readonly port?: number | undefined;
  /**
   * `starttls`: the connection must be upgraded to TLS before anything is sent. `tls`: the connection uses TLS from the start. `none`: the connection
   * is not encrypted. Default `starttls`.
   */
  readonly security?: 'starttls' | 'tls' | 'none' | undefined;
  /** Environment variable with `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465` (TLS). */
  readonly urlEnv?: string | undefined;
  /** Environment variables with the user and the password. Give both or neither. */
  readonly userEnv?: string | undefined;
  readonly passwordEnv?: string | undefined;
  readonly from: string;
  readonly to: string | readonly string[];
}

/** A channel as configured in the YAML. */
export type ChannelSettings =
  | ({ readonly type: 'slack' } & SlackOptions)
  | ({ readonly type: 'webhook' } & WebhookOptions)
  | ({ readonly type: 'pagerduty' } & PagerDutyOptions)
  | ({ readonly type: 'email' } & EmailOptions);

/** The effective `alerts` block of the breaker YAML in one environment. */
export interface AlertSettings {
  readonly enabled: boolean;
  readonly cooldownMs?: number;
  readonly groupBy?: 'service' | 'circuit';
  readonly checkIntervalMs?: number;
  readonly rules: AlertRules;
  /** Rules by service. They override `rules`. */
  readonly services: Readonly<Record<string, AlertRules>>;
  /** Channels by name, in file order, without those that are turned off. */
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  readonly dashboardUrl?: string;
  readonly runbookUrl?: string;
}
