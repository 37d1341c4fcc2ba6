import { type Clock, wholeMs } from '../../clock.js';
import { causeOfAny } from '../../errors/cause.js';
import type { WindowSnapshot } from '../../observe/circuit-words.js';
import { type Audience, CALLER, type EventHub } from '../../observe/event-hub.js';
import type { Change } from './machine.js';
import type { BreakerOptions } from './options.js';
import type { RefusalReason } from './state.js';

/** The parts of a circuit that its events report. */
export interface Announced {
  readonly name: string;
  readonly service: string;
  readonly clock: Clock;
  readonly events: EventHub;
  readonly options: BreakerOptions;
  readonly failureCount: number;
  retryAfterMs(now: number): number;
  refusalReason(now: number): RefusalReason;
  blockedBy(now: number): { readonly name: string } | undefined;
}

const TRANSITIONS = {
  closed: 'circuit_closed',
  open: 'circuit_opened',
  half_open: 'circuit_half_open',
  forced_open: 'circuit_forced_open',
  forced_closed: 'circuit_forced_closed',
  metrics_only: 'circuit_metrics_only',
} as const;

/** Emits the event of a change of state. `windowAt` supplies the contents of the window; it is read only if a closed circuit opened by itself. */
export function tellChanged(
  circuit: Announced,
  { previous, next, at, downMs }: Change,
  windowAt: { window(now: number): WindowSnapshot | undefined },
  audience: Audience | undefined,
): void {
  const { name, service, clock, events, options } = circuit;
  // Stryker disable next-line ConditionalExpression: an event without listeners changes nothing; this saves making it.
  if (events.silent && audience?.hears !== true) return;
  const window = next.kind === 'open' && previous.kind === 'closed' ? windowAt.window(at) : undefined;
  events.emit(
    {
      type: TRANSITIONS[next.kind],
      circuit: name,
      service,
      at: clock.wallNow(),
      oldState: previous.kind,
      newState: next.kind,
      failureCount: next.kind === 'open' ? next.failures : 'failures' in previous ? previous.failures : 0,
      recoveryTimeoutMs: next.kind === 'open' ? wholeMs(next.waitMs) : options.recoveryTimeoutMs,
      ...(downMs === undefined ? {} : { downMs }),
      ...(next.kind === 'open' ? { reason: next.reason } : {}),
      ...(window === undefined ? {} : { window }),
    },
    audience,
  );
}

/** Emits the event of a run that counts as a failure. Called before the circuit counts it, so that this event precedes the opening of the circuit. */
export function tellFailed(circuit: Announced, error: unknown, operation?: string, audience: Audience = CALLER): void {
  // Stryker disable next-line ConditionalExpression: as above.
  if (circuit.events.silent) return;
  circuit.events.emit(
    {
      type: 'call_failed',
      circuit: circuit.name,
      service: circuit.service,
      at: circuit.clock.wallNow(),
      operation,
      failureCount: circuit.failureCount + 1,
      threshold: circuit.options.failureThreshold,
      cause: causeOfAny(error),
    },
    audience,
  );
}

/** Emits the event of a run that the circuit refused at `now`. */
export function tellRejected(circuit: Announced, now: number, operation?: string, audience: Audience = CALLER): void {
  // Stryker disable next-line ConditionalExpression: as above.
  if (circuit.events.silent) return;
  const dependency = circuit.blockedBy(now)?.name;
  circuit.events.emit(
    {
      type: 'call_rejected',
      circuit: circuit.name,
      service: circuit.service,
      at: circuit.clock.wallNow(),
      operation,
      retryAfterMs: circuit.retryAfterMs(now),
      reason: circuit.refusalReason(now),
      ...(dependency === undefined ? {} : { dependency }),
    },
    audience,
  );
}
