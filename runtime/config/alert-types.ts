export type AlertSeverity = 'critical' | 'warning' | 'info';

/** The kinds of alerts about a circuit. The names are those of the YAML and of messages. */
export type AlertRule = 'circuit_open' | 'circuit_open_long' | 'low_success_rate' | 'circuit_half_open' | 'circuit_recovered';

/** The values of each rule; `false` switches one off. */
export interface RuleValues {
  /** The circuit opened, by itself or by hand. Default critical. */
  readonly circuitOpen: { readonly severity: AlertSeverity };
  /** It has not been closed for longer than `afterMs`, probes in between included. Default critical after 300,000. */
  readonly circuitOpenLong: { readonly severity: AlertSeverity; readonly afterMs: number };
  /** Of the attempts in the last `windowMs`, at least `minimumCalls`, less than the share `below` succeeded. Default warning, 0.95, 300,000, 20. */
  readonly lowSuccessRate: {
    readonly severity: AlertSeverity;
    readonly below: number;
    readonly windowMs: number;
    readonly minimumCalls: number;
  };
  /** The circuit probes for the first time in this incident. Default info. */
  readonly circuitHalfOpen: { readonly severity: AlertSeverity };
  /** It is closed again, or succeeds again. Default info. */
  readonly circuitRecovered: { readonly severity: AlertSeverity };
}

/** The rules as a file gives them; missing values are the defaults. `true` switches on what a weaker layer switched off. */
export type AlertRules = { readonly [R in keyof RuleValues]?: boolean | Partial<RuleValues[R]> | undefined };

/** The rules in force: every rule with all of its values, or `false`. */
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
  /** The least severity that is sent. A channel that reported an incident reports its end too, at any severity. */
  readonly minSeverity?: AlertSeverity | undefined;
  /** Limit of one send, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Sends of one message, the first included. Default 8, over about two minutes. */
  readonly maxAttempts?: number | undefined;
}

/** An incoming webhook of Slack. */
export interface SlackOptions extends ChannelCommon {
  /** Environment variable that holds the webhook's URL, which is a secret. */
  readonly urlEnv: string;
}

/** JSON, signed with HMAC-SHA256 as the Standard Webhooks specification has it. */
export interface WebhookOptions extends ChannelCommon {
  /** Where to; give this or `urlEnv`. */
  readonly url?: string | undefined;
  /** Environment variable that holds the URL, where that is a secret. */
  readonly urlEnv?: string | undefined;
  /** Environment variable that holds the secret of the signature: `whsec_` and base64, or any text of 16 characters or more. */
  readonly secretEnv: string;
}

/** Events API v2 of PagerDuty. `minSeverity` is `warning` by default: information must not page a person. */
export interface PagerDutyOptions extends ChannelCommon {
  /** Environment variable that holds the integration key. */
  readonly routingKeyEnv: string;
  /** Default `https://events.pagerduty.com/v2/enqueue`; for the EU region `https://events.eu.pagerduty.com/v2/enqueue`. */
  readonly endpoint?: string | undefined;
  /**
   * `incident` (default): each process has incidents of its own. `circuit`: processes that see the same service in trouble (or, where
   * incidents are of single circuits, the same circuit) share one, which the first to recover resolves.
   */
  readonly dedup?: 'incident' | 'circuit' | undefined;
}

/** Mail over SMTP, through nodemailer. */
export interface EmailOptions extends ChannelCommon {
  /** Server; give this or `urlEnv`. */
  readonly host?: string | undefined;
  /** Default 587, with `security: 'tls'` 465. */
  readonly port?: number | undefined;
  /** `starttls` (default): nothing is sent to a server that cannot encrypt. `tls`: encrypted from the first byte. `none`: never. */
  readonly security?: 'starttls' | 'tls' | 'none' | undefined;
  /** Environment variable that holds `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465` (TLS). */
  readonly urlEnv?: string | undefined;
  /** Environment variables that hold the user and the password; both or neither. */
  readonly userEnv?: string | undefined;
  readonly passwordEnv?: string | undefined;
  readonly from: string;
  readonly to: string | readonly string[];
}

/** A channel as the YAML says it. */
export type ChannelSettings =
  | ({ readonly type: 'slack' } & SlackOptions)
  | ({ readonly type: 'webhook' } & WebhookOptions)
  | ({ readonly type: 'pagerduty' } & PagerDutyOptions)
  | ({ readonly type: 'email' } & EmailOptions);

/** The `alerts` block of the breaker YAML as it holds in one environment. */
export interface AlertSettings {
  readonly enabled: boolean;
  readonly cooldownMs?: number;
  readonly groupBy?: 'service' | 'circuit';
  readonly checkIntervalMs?: number;
  readonly rules: AlertRules;
  /** Stronger than `rules`, by service. */
  readonly services: Readonly<Record<string, AlertRules>>;
  /** By name, in file order; those that are switched off are left out. */
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  readonly dashboardUrl?: string;
  readonly runbookUrl?: string;
}
