import type { SignInOutage } from '../../observe/sign-in-outages.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import type { BreakerSnapshot } from '../../policies/circuit-breaker/snapshot.js';
import { accountsText, OUTAGE_WORDS } from '../sign-in-outages.js';
import { span } from './wording.js';

/** A finding for the person on call, and what to do. */
export interface Recommendation {
  /** The name of the circuit, or `all`. */
  readonly service: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly message: string;
  readonly action: string;
}

/** A circuit and its snapshot at the moment of the report. */
export interface Observed {
  readonly circuit: CircuitBreaker;
  readonly snapshot: BreakerSnapshot;
  /** The outage of a sign-in that concerns the circuit. */
  readonly outage: SignInOutage | undefined;
}

/** A closed circuit with a lower success rate since the process started is worth a look. */
const LOW_SUCCESS_RATE = 0.95;
/** The fewest attempts from which a rate is judged. */
const MIN_VERDICTS = 20;
const MANY_OPENINGS = 3;
const MANY_TIMEOUTS = 5;

const SEVERITIES: readonly Recommendation['severity'][] = ['critical', 'warning', 'info'];

type Advice = Omit<Recommendation, 'service'>;

/** Returns the recommendations, the most severe first. If everything is fine, one says so. */
export function recommendations(observed: readonly Observed[], wall: number): readonly Recommendation[] {
  const found: Recommendation[] = [];
  if (observed.length === 0) {
    const action = 'None. If calls were made already, give the health handler the registry of their clients';
    return [{ service: 'all', severity: 'info', message: 'No circuit breaker exists yet. The first call of a service makes one', action }];
  }
  if (observed.every(({ snapshot }) => snapshot.state === 'open'))
    found.push({
      service: 'all',
      severity: 'critical',
      message: 'All circuit breakers are OPEN',
      action: 'Investigate service outages, and the network of this host',
    });
  for (const one of observed) found.push(...adviceFor(one, wall).map((advice) => ({ service: one.snapshot.name, ...advice })));
  if (found.length === 0)
    return [{ service: 'all', severity: 'info', message: 'All circuit breakers are healthy', action: 'No action required' }];
  return found.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function adviceFor({ circuit, snapshot, outage }: Observed, wall: number): readonly Advice[] {
  const blocker = circuit.blockedBy()?.name;
  const blocked: readonly Advice[] =
    blocker === undefined
      ? []
      : [
          {
            severity: 'warning',
            message: `Calls are refused because ${blocker} is OPEN`,
            action: `See ${blocker}: this circuit follows it`,
          },
        ];
  return [...ofState(circuit, snapshot), ...ofSignIn(circuit, outage, wall), ...blocked, ...ofHistory(snapshot)];
}

function ofSignIn({ name }: CircuitBreaker, outage: SignInOutage | undefined, wall: number): readonly Advice[] {
  if (outage === undefined) return [];
  const { what, action } = OUTAGE_WORDS[outage.reason];
  if (outage.circuit === name)
    return [
      { severity: 'critical', message: `The sign-in${accountsText(outage)} fails, for ${span(wall - outage.since)}: ${what}`, action },
    ];
  return [
    { severity: 'warning', message: `Calls fail because the sign-in ${outage.signIn} fails: ${what}`, action: `See ${outage.circuit}` },
  ];
}

function ofState(
  circuit: CircuitBreaker,
  { state, forced, inStateMs, timeUntilRetryMs, successCount }: BreakerSnapshot,
): readonly Advice[] {
  const { enabled, successThreshold } = circuit.options;
  const since = span(inStateMs);
  if (forced === 'open')
    return [
      {
        severity: 'warning',
        message: `Someone forced this circuit OPEN, ${since} ago. It refuses every call`,
        action: 'Reset it after the maintenance',
      },
    ];
  if (state === 'open') {
    const action = `Check the status of the service. The next probe can go out in ${span(timeUntilRetryMs ?? 0)}`;
    return [{ severity: 'critical', message: `Circuit breaker is OPEN, for ${since}`, action }];
  }
  if (state === 'half_open') {
    const message = `Circuit breaker is HALF_OPEN: ${successCount} of ${successThreshold} probes succeeded`;
    return [{ severity: 'info', message, action: 'Wait for recovery' }];
  }
  if (forced === null) return [];
  if (!enabled)
    return [{ severity: 'info', message: 'Circuit breaker is off and protects no call', action: 'Set enabled: true to protect calls' }];
  const how = forced === 'closed' ? 'Someone forced this circuit CLOSED' : 'Someone made this circuit only measure';
  const message = `${how}. It will not open, however many calls fail`;
  return [{ severity: 'warning', message, action: 'Reset it to protect calls again' }];
}

/** Returns the advice from the counts since the process started. */
function ofHistory({ state, successRate, stats }: BreakerSnapshot): readonly Advice[] {
  const found: Advice[] = [];
  const { successfulRequests, failedRequests, timeoutRequests, circuitOpens } = stats;
  const enough = successfulRequests + failedRequests >= MIN_VERDICTS;
  const percent = `${(successRate * 100).toFixed(1)} %`;
  if (state === 'closed' && enough && successRate < LOW_SUCCESS_RATE)
    found.push({
      severity: 'warning',
      message: `Success rate is ${percent}, below 95 %`,
      action: 'Look for failed calls in the logs of this process',
    });
  if (timeoutRequests >= MANY_TIMEOUTS && timeoutRequests * 2 > failedRequests) {
    const message = `Most failures are timeouts: ${timeoutRequests} of ${failedRequests}`;
    found.push({ severity: 'info', message, action: 'Compare timeout_seconds with the durations of the service' });
  }
  if (state === 'closed' && enough && circuitOpens >= MANY_OPENINGS && successRate >= LOW_SUCCESS_RATE) {
    const message = `Circuit breaker opened ${circuitOpens} times although ${percent} of the calls succeeded`;
    found.push({ severity: 'info', message, action: 'Consider a higher failure_threshold' });
  }
  return found;
}
