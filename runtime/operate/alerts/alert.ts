import type { AlertRule, AlertSeverity } from '../../config/alert-types.js';

/** One message about a circuit, which every channel receives. It is plain data without secrets. Times are milliseconds since the epoch. */
export interface Alert {
  /** The id of this message: the id of the incident and a number. Every attempt to send the message has the same id. */
  readonly id: string;
  /** The id of the incident: the same in every message from the opening to the recovery. */
  readonly incident: string;
  readonly rule: AlertRule;
  /** `firing`: someone should look. `update`: news of an ongoing incident. `resolved`: the incident ended. */
  readonly status: 'firing' | 'update' | 'resolved';
  readonly severity: AlertSeverity;
  readonly service: string;
  /** The subject of the incident: the service or, with `groupBy: 'circuit'`, the circuit. The same in all its messages. */
  readonly subject: string;
  /** The name of the circuit: `ghl`, `ghl@host`, `ghl/contacts`. If several are in trouble, the one that has been for the longest time. */
  readonly circuit: string;
  /** All circuits in trouble, `circuit` included, the longest in trouble first. In a `resolved` message, all circuits that were. */
  readonly circuits: readonly string[];
  /** The name of the environment; null if there is none. */
  readonly environment: string | null;
  /** The machine or process that observed it. */
  readonly source: string;
  /** What happened to which circuit, in one line. */
  readonly title: string;
  readonly at: number;
  /** When the trouble began. */
  readonly since: number;
  readonly durationMs: number;
  /** The cause of the trouble, or of its end. */
  readonly why: string;
  /** The recent failures by cause: `{ http_503: 4, timeout: 1 }`. */
  readonly causes: Readonly<Record<string, number>>;
  /** The results that callers get meanwhile, in words. Empty in a `resolved` message. */
  readonly callersGet: string;
  /** When the circuit probes next, in words. Empty if no circuit is open. */
  readonly nextProbe: string;
  /** When the circuit probes next; null if that is unknown. */
  readonly nextProbeAt: number | null;
  /** The share of recent attempts that succeeded; null if the message is not about that. */
  readonly successRate: number | null;
  /** The openings since the last message that were not reported, because they were within the cooldown. */
  readonly untold: number;
  /** The URL of the runbook. Without `runbookUrl`, its path in the package. */
  readonly runbook: string;
  readonly dashboard: string | null;
}

const RANKS: Readonly<Record<AlertSeverity, number>> = { info: 0, warning: 1, critical: 2 };

/** Whether a severity is at least as urgent as another. */
export function atLeast(severity: AlertSeverity, least: AlertSeverity): boolean {
  return RANKS[severity] >= RANKS[least];
}

/** Returns the name of the runbook page of a rule. */
export function pageOf(rule: AlertRule): string {
  return rule.replaceAll('_', '-');
}
