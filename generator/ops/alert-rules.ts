import type { ResolvedRules } from '../../runtime/config/alert-types.js';
import { promDuration, Queries } from './queries.js';
import { type OpsPlan, percent, type ServicePlan, shortDuration } from './service-plan.js';

/** A rule of Prometheus, in the order of its keys. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** The number of openings per hour from which a closed circuit counts as flapping: its probes succeed, but the traffic fails again. */
const FLAPS_PER_HOUR = 3;
/** The share of calls that limits may refuse, and the time for which they may. */
const LIMITED_SHARE = 0.05;
const LIMITED_FOR = '5m';
/** The range within which a recovery is reported. */
const RECOVERED_RANGE = '5m';

/** Returns the rules of each service of the file, and the rules of all other services. */
export function ruleGroups(plan: OpsPlan): readonly RuleGroup[] {
  const { services, prefix } = plan;
  const groups = services.map((service) => ({
    name: `fuseline-${service.name}`,
    rules: rulesOf(plan, {
      queries: new Queries(prefix, `service="${service.name}"`),
      service: service.name,
      name: service.name,
      rules: service.rules,
      about: aboutService(service),
    }),
  }));
  const others = services.length === 0 ? 'service!=""' : `service!~"${services.map(({ name }) => name).join('|')}"`;
  const rest = rulesOf(plan, {
    service: undefined,
    queries: new Queries(prefix, others),
    name: '{{ $labels.service }}',
    rules: plan.otherRules,
    about: '',
  });
  return [...groups, { name: 'fuseline-other-services', rules: rest }].filter(({ rules }) => rules.length > 0);
}

function aboutService({ opensAfter, successThreshold, recoveryTimeoutMs, enabled }: ServicePlan): string {
  if (!enabled) return ' The circuit is switched off in the configuration: it opens only by hand.';
  const probes = successThreshold === 1 ? 'one successful probe' : `${successThreshold} successful probes`;
  return ` It opens after ${opensAfter}, probes ${shortDuration(recoveryTimeoutMs)} later, and closes after ${probes}.`;
}

/** The services that a set of rules is about. */
interface Subject {
  readonly queries: Queries;
  /** Undefined: all services that the file does not name. */
  readonly service: string | undefined;
  /** The name of the service in texts. */
  readonly name: string;
  readonly rules: ResolvedRules;
  /** A sentence about the service's thresholds. */
  readonly about: string;
}

function rulesOf(plan: OpsPlan, subject: Subject): readonly AlertRule[] {
  const { circuitOpen, circuitOpenLong, lowSuccessRate, circuitHalfOpen, circuitRecovered } = subject.rules;
  const { queries: q, name, about } = subject;
  const down = `${q.max(q.metric('down_seconds'))} > 0`;
  const rules: AlertRule[] = [];
  const add = (rule: Draft): void => void rules.push(finished(rule, subject, plan));
  if (circuitOpen !== false) {
    add({
      alert: 'CircuitBreakerOpen',
      page: 'circuit-open',
      severity: circuitOpen.severity,
      expr: q.processes(`${q.metric('state')} == 1`),
      summary: `${name}: circuit open, calls are refused`,
      description: `Open in {{ $value }} of the processes that call ${name}. Nothing is sent: calls get their fallback, or CircuitOpenError.${about}`,
    });
  }
  if (circuitOpenLong !== false) {
    const after = shortDuration(circuitOpenLong.afterMs);
    add({
      alert: 'CircuitBreakerOpenLong',
      page: 'circuit-open-long',
      severity: circuitOpenLong.severity,
      expr: `${q.max(q.metric('down_seconds'))} > ${circuitOpenLong.afterMs / 1_000}`,
      summary: `${name}: circuit not closed for more than ${after}`,
      description: `Down for {{ $value | humanizeDuration }}, including probes in between. This is more than a short fault.${about}`,
    });
  }
  if (lowSuccessRate !== false) {
    const { below, windowMs, minimumCalls, severity } = lowSuccessRate;
    const range = promDuration(windowMs);
    const all = (what: 'rate' | 'increase'): string =>
      `${q.sum(q[what]('successes_total', range))} + ${q.sum(q[what]('failures_total', range))}`;
    add({
      alert: 'CircuitBreakerLowSuccessRate',
      page: 'low-success-rate',
      severity,
      expr: [
        `${q.sum(q.rate('successes_total', range))} / (${all('rate')}) < ${below}`,
        `and ${all('increase')} >= ${minimumCalls}`,
        `unless ${down}`,
      ].join('\n'),
      summary: `${name}: less than ${percent(below)} of requests succeed`,
      description: `{{ $value | humanizePercentage }} of the requests of the last ${shortDuration(windowMs)} succeeded, although the circuit is closed.${about}`,
    });
  }
  if (circuitHalfOpen !== false) {
    add({
      alert: 'CircuitBreakerHalfOpen',
      page: 'circuit-half-open',
      severity: circuitHalfOpen.severity,
      expr: q.processes(`${q.metric('state')} == 2`),
      summary: `${name}: circuit half-open, probing whether the service is back`,
      description: `Half-open in {{ $value }} of the processes that call ${name}. A few calls pass as probes, and their results decide.${about}`,
    });
  }
  if (circuitRecovered !== false) {
    add({
      alert: 'CircuitBreakerRecovered',
      page: 'circuit-recovered',
      severity: circuitRecovered.severity,
      expr: [
        `${q.sum(q.increase('recovery_time_seconds_sum', RECOVERED_RANGE))}`,
        `/ (${q.sum(q.increase('recovery_time_seconds_count', RECOVERED_RANGE))} > 0)`,
        `unless ${down}`,
      ].join('\n'),
      summary: `${name}: circuit closed again`,
      description: `Recovered after {{ $value | humanizeDuration }}. This alert ends by itself ${shortDuration(300_000)} later.`,
    });
  }
  add({
    alert: 'CircuitBreakerFlapping',
    page: 'circuit-flapping',
    severity: 'warning',
    expr: `${q.sum(q.increase('state_transitions_total', '1h', 'from_state="closed", to_state="open"'), 'from_state', 'to_state')} >= ${FLAPS_PER_HOUR}`,
    summary: `${name}: circuit opens repeatedly`,
    description: `A closed circuit has opened ${FLAPS_PER_HOUR} times or more within an hour: the service passes its probes and then fails again.${about}`,
  });
  add({
    alert: 'CircuitBreakerCallsLimited',
    page: 'calls-limited',
    severity: 'warning',
    expr: `${q.sum(q.rate('calls_limited_total', '5m'), 'operation')} / ${q.sum(q.rate('calls_total', '5m'), 'operation', 'status')} > ${LIMITED_SHARE}`,
    for: LIMITED_FOR,
    summary: `${name}: own limits refuse calls`,
    description:
      '{{ $value | humanizePercentage }} of the calls were refused by the bulkhead or the rate limiter: callers send more than the limits allow.',
  });
  add({
    alert: 'CircuitBreakerLocalShortage',
    page: 'local-shortage',
    severity: 'warning',
    expr: `${q.sum(q.increase('attempt_failures_total', '5m', 'cause="local"'), 'operation', 'cause')} > 0`,
    for: LIMITED_FOR,
    summary: `${name}: our own machine or client lacks something`,
    description: `Requests to ${name} are not sent, for want of file descriptors, ports, certificates or a free connection. No circuit counts that: the service may be well.`,
  });
  add({
    alert: 'CircuitBreakerSignIn',
    page: 'sign-in',
    severity: 'critical',
    expr: `${q.sum(q.increase('token_renewals_total', '5m', 'result=~"expired|refused"'), 'result')} > 0`,
    summary: `${name}: the sign-in fails until a person mends it`,
    description:
      'The server does not accept the refresh token or the client any more. Calls without a token are not sent, and no circuit of the service opens.',
  });
  return rules;
}

/** A rule before its links. */
interface Draft extends Pick<AlertRule, 'alert' | 'expr' | 'for'> {
  readonly page: string;
  readonly severity: string;
  readonly summary: string;
  readonly description: string;
}

function finished(draft: Draft, { service }: Subject, plan: OpsPlan): AlertRule {
  const { alert, expr, for: lasting, page, severity, summary, description } = draft;
  return {
    alert,
    expr,
    ...(lasting === undefined ? {} : { for: lasting }),
    // Rules with the same name must differ in their labels.
    labels: { severity, ...(service === undefined ? {} : { service }) },
    annotations: {
      summary,
      description,
      ...runbook(page, plan.runbookUrl),
      ...(plan.dashboardUrl === undefined ? {} : { dashboard_url: plan.dashboardUrl }),
    },
  };
}

/** Tools turn `runbook_url` into a link. Without an address, `runbook` names the file in the package. */
function runbook(page: string, url: string | undefined): Readonly<Record<string, string>> {
  if (url === undefined) return { runbook: `node_modules/fuseline/docs/runbooks/${page}.md` };
  return { runbook_url: url.includes('{page}') ? url.replaceAll('{page}', page) : `${url.replace(/\/+$/, '')}/${page}.md` };
}
