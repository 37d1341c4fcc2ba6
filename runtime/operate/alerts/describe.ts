import type { AlertRule, RuleValues } from '../../config/alert-types.js';
import type { TransitionEvent } from '../../observe/events.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { type Alert, pageOf } from './alert.js';
import { callersGet } from './callers-get.js';
import type { CircuitWatch, Ended } from './circuit-watch.js';
import type { Incident } from './incident.js';
import type { Trouble } from './trouble.js';
import { causesText, durationText, oneLine, percentText, timeText } from './words.js';

/** The settings that a message needs. */
export interface DescribeSetup {
  readonly registry: BreakerRegistry;
  readonly environment: string | undefined;
  readonly source: string;
  readonly runbookUrl: string | undefined;
  readonly dashboardUrl: string | undefined;
}

/** The reason for a message, with its time on both clocks. */
export interface Occasion {
  readonly rule: AlertRule;
  readonly status: Alert['status'];
  readonly untold: number;
  /** The circuits that opened since the last message, if the message is about them. */
  readonly more: number;
  readonly now: number;
  readonly wallNow: number;
}

const KEYS: Readonly<Record<AlertRule, keyof RuleValues>> = {
  circuit_open: 'circuitOpen',
  circuit_open_long: 'circuitOpenLong',
  low_success_rate: 'lowSuccessRate',
  circuit_half_open: 'circuitHalfOpen',
  circuit_recovered: 'circuitRecovered',
};

export function keyOf(rule: AlertRule): keyof RuleValues {
  return KEYS[rule];
}

/** Makes the message. `watch` is the circuit in the foreground. The incident counts the message. */
export function describe(trouble: Trouble, watch: CircuitWatch, incident: Incident, occasion: Occasion, setup: DescribeSetup): Alert {
  const { circuit, down, rules, ended } = watch;
  const { rule, status, untold, now, wallNow } = occasion;
  const values = rules[keyOf(rule)];
  const over = status === 'resolved' ? ended : undefined;
  const troubled = over === undefined ? trouble.troubled : [];
  const names = [...new Set([circuit.name, ...(over === undefined ? troubled.map((other) => other.circuit.name) : trouble.involved)])];
  const several = names.length > 1;
  const since = (over !== undefined && several ? trouble.since : over?.since) ?? down?.since ?? watch.lowSince ?? now;
  const durationMs = over === undefined || several ? now - since : over.downMs;
  const open = troubled.filter((other) => other.down !== undefined);
  const waitMs = Math.min(...open.map((other) => other.circuit.retryAfterMs()));
  const probes = open.length === 0 ? { text: '', at: null } : nextProbe(waitMs, wallNow, circuit.state);
  const name = oneLine(circuit.name, 100);
  const told = several ? { ...occasion, names: names.length, open: open.length } : undefined;
  return {
    id: `${incident.id}.${++incident.sequence}`,
    incident: incident.id,
    rule,
    status,
    severity: values === false ? 'info' : values.severity,
    service: oneLine(circuit.service, 100),
    subject: oneLine(trouble.name, 100),
    circuit: name,
    circuits: names.map((other) => oneLine(other, 100)),
    environment: setup.environment ?? null,
    source: setup.source,
    title:
      (told === undefined ? undefined : titleOfSeveral(told, oneLine(trouble.name, 100), durationMs)) ??
      `${name}: ${title(watch, rule, durationMs)}`,
    at: wallNow,
    since: trouble.wallOf(since, now, wallNow),
    durationMs,
    why: `${several && over === undefined ? `${name}: ` : ''}${over === undefined ? why(watch, rule, now) : WHY_OVER[over.how]}`,
    causes: watch.causes(now),
    callersGet:
      open.length === 0
        ? over === undefined
          ? 'an error or a fallback for each attempt that fails'
          : ''
        : callersGet(setup.registry, open, setup.environment),
    nextProbe: probes.text,
    nextProbeAt: probes.at,
    successRate: rule === 'low_success_rate' || over?.how === 'rate' ? watch.rate : null,
    untold,
    runbook: runbook(rule, setup.runbookUrl),
    dashboard: setup.dashboardUrl ?? null,
  };
}

/** Returns the title for several circuits; undefined if the title of one circuit fits. */
function titleOfSeveral(
  { rule, more, names, open }: Occasion & { readonly names: number; readonly open: number },
  name: string,
  durationMs: number,
): string | undefined {
  switch (rule) {
    case 'circuit_open':
      if (open < 2) return undefined;
      return more === 0
        ? `${name}: ${open} circuits open, calls are refused`
        : `${name}: ${more} more ${more === 1 ? 'circuit' : 'circuits'} open, ${open} in all`;
    case 'circuit_open_long':
      return open < 2 ? undefined : `${name}: ${open} circuits not closed, the first for ${durationText(durationMs)}`;
    case 'circuit_recovered':
      return `${name}: ${names} circuits recovered after ${durationText(durationMs)}`;
    default:
      return undefined;
  }
}

function title(watch: CircuitWatch, rule: AlertRule, durationMs: number): string {
  const { lowSuccessRate } = watch.rules;
  switch (rule) {
    case 'circuit_open':
      return watch.down?.byHand === true ? 'circuit opened by hand, calls are refused' : 'circuit open, calls are refused';
    case 'circuit_open_long':
      return `circuit not closed for ${durationText(durationMs)}`;
    case 'low_success_rate':
      return `only ${percentText(watch.rate)} of attempts succeed, expected ${percentText(lowSuccessRate === false ? 1 : lowSuccessRate.below)}`;
    case 'circuit_half_open':
      return 'circuit half-open, probing whether the service is back';
    case 'circuit_recovered':
      return watch.ended?.how === 'gone' ? 'circuit no longer in use' : `recovered after ${durationText(durationMs)}`;
  }
}

const WHY_OVER: Readonly<Record<Ended['how'], string>> = {
  probes: 'probes succeeded',
  by_hand: 'closed by hand',
  gone: 'the circuit is no longer in the registry: the configuration changed, or the registry was cleared',
  seen_closed: 'the circuit is closed again',
  rate: 'enough attempts succeed again',
  too_few_calls: 'too few calls to judge',
};

function why(watch: CircuitWatch, rule: AlertRule, now: number): string {
  const { down, rules, calls } = watch;
  const causes = causesText(watch.causes(now));
  const lately = causes === '' ? '' : ` (${causes})`;
  if (rule === 'low_success_rate') {
    const windowMs = rules.lowSuccessRate === false ? 0 : rules.lowSuccessRate.windowMs;
    return `${percentText(watch.rate)} of ${calls} attempts in the last ${durationText(windowMs)} succeeded${lately}`;
  }
  if (down?.byHand === true) return 'someone opened it by hand, and it stays open until a reset';
  const opened = down?.event === undefined ? 'it was already open when the alerts started' : openedBy(down.event);
  const failed =
    down === undefined || down.reopenings === 0
      ? ''
      : `; ${down.reopenings === 1 ? 'one probe' : `${down.reopenings} probes`} failed since`;
  return `${opened}${lately}${failed}`;
}

function openedBy({ reason, failureCount, window }: TransitionEvent): string {
  const calls = window?.calls ?? 0;
  const share = (rate: number | null | undefined): string => (typeof rate === 'number' ? percentText(rate) : 'too many');
  switch (reason) {
    case 'failures_in_window':
      return `${window?.failedCalls ?? failureCount} of the last ${calls} attempts failed`;
    case 'failure_rate':
      return `${share(window?.failureRate)} of ${calls} attempts failed`;
    case 'slow_call_rate':
      return `${share(window?.slowCallRate)} of ${calls + (window?.slowCallsInFlight ?? 0)} attempts were slow`;
    case 'failure_or_slow_rate':
      return `${share(window?.failureOrSlowRate)} of ${calls + (window?.slowCallsInFlight ?? 0)} attempts failed or were slow`;
    case 'probe_failed':
      return 'a probe failed';
    case 'probe_expired':
      return 'a probe did not end in time';
    case 'peers':
      return 'other processes found the service failing';
    default:
      return failureCount === 1 ? 'one failure' : `${failureCount} failures in a row`;
  }
}

function nextProbe(waitMs: number, wallNow: number, state: string): { readonly text: string; readonly at: number | null } {
  if (waitMs === Number.POSITIVE_INFINITY) return { text: 'none until a reset: someone opened the circuit by hand', at: null };
  if (waitMs > 0)
    return { text: `with the first call after ${timeText(wallNow + waitMs)}, in ${durationText(waitMs)}`, at: wallNow + waitMs };
  return { text: state === 'half_open' ? 'now, with the next calls' : 'with the next call', at: wallNow };
}

/** The runbooks in the package. */
const RUNBOOKS = 'node_modules/fuseline/docs/runbooks';

function runbook(rule: AlertRule, url: string | undefined): string {
  const page = pageOf(rule);
  if (url === undefined) return `${RUNBOOKS}/${page}.md`;
  return url.includes('{page}') ? url.replaceAll('{page}', page) : `${url.replace(/\/+$/, '')}/${page}.md`;
}
