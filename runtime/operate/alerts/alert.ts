import type { AlertRule, AlertSeverity } from '../../config/alert-types.js';

/** One message about a circuit: what every channel is given. Plain data without secrets; times are milliseconds since the epoch. */
export interface Alert {
  /** Of this message: the incident's id and a number. The same at every attempt to send it. */
  readonly id: string;
  /** The same in every message from the opening to the recovery. */
  readonly incident: string;
  readonly rule: AlertRule;
  /** `firing`: someone should look. `update`: news of an incident that goes on. `resolved`: it is over. */
  readonly status: 'firing' | 'update' | 'resolved';
  readonly severity: AlertSeverity;
  readonly service: string;
  /** What the incident is about: the service or, with `groupBy: 'circuit'`, the circuit. The same in every message of it. */
  readonly subject: string;
  /** `ghl`, `ghl@host`, `ghl/contacts`. Of several the one that has been in trouble longest. */
  readonly circuit: string;
  /** All that are in trouble; where it is over, all that were. The longest in trouble first, `circuit` among them. */
  readonly circuits: readonly string[];
  /** Name of the environment, null where there is none. */
  readonly environment: string | null;
  /** Machine or process that saw it. */
  readonly source: string;
  /** One line: what happened to whom. */
  readonly title: string;
  readonly at: number;
  /** When the trouble began. */
  readonly since: number;
  readonly durationMs: number;
  /** What led to it, or ended it. */
  readonly why: string;
  /** Attempts that failed lately, by cause: `{ http_503: 4, timeout: 1 }`. */
  readonly causes: Readonly<Record<string, number>>;
  /** What callers get meanwhile. Empty once it is over. */
  readonly callersGet: string;
  /** When the service is asked again, in words. Empty where it is asked all the time. */
  readonly nextProbe: string;
  /** Null where it is not known. */
  readonly nextProbeAt: number | null;
  /** Share of recent attempts that succeeded, where that is what the message is about. */
  readonly successRate: number | null;
  /** Openings since the last message that were not told, because they came within the cooldown. */
  readonly untold: number;
  /** URL of the page that says what to do; without `runbookUrl` its place in the package. */
  readonly runbook: string;
  readonly dashboard: string | null;
}

const RANKS: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 };

/** Is it as urgent as that, or more? */
export function atLeast(severity: AlertSeverity, least: AlertSeverity): boolean {
  return RANKS[severity] >= RANKS[least];
}

/** Page of a rule's runbook. */
export function pageOf(rule: AlertRule): string {
  return rule.replaceAll('_', '-');
}
