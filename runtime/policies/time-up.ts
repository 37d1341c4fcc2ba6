import { type ErrorPlace, withoutStack } from '../errors/base.js';
import { TimeoutError } from '../errors/call-errors.js';
import type { Entrance, Failure, Flow } from './stage.js';

/** The failure of a flow whose total deadline has passed, without the error. It says nothing about the service. */
const OUT_OF_TIME: Omit<Failure, 'error'> = {
  cause: 'timeout',
  outcome: 'released',
  timedOut: true,
  refused: false,
  transient: false,
  neverSent: false,
  throttled: false,
  waitMs: undefined,
  answerable: true,
};

/**
 * Ends a flow whose total deadline has passed. All links leave, and the outermost link gets the failure, so that a fallback can supply the result.
 * `phase`: what the flow is doing.
 */
export function timeUp<F extends Flow>(
  flow: F,
  chain: Entrance<F>,
  place: ErrorPlace,
  totalMs: number,
  now: number,
  phase: TimeoutError['phase'] = flow.phase,
): void {
  const last = flow.retry?.last;
  const options = last === undefined ? undefined : { cause: last };
  const error = withoutStack(() => new TimeoutError(place, 'total', totalMs, phase, options));
  chain.leave(flow, now, { error, limitMs: totalMs });
  // A listener may have aborted the call.
  if (!flow.over) chain.failed(flow, { ...OUT_OF_TIME, error }, now);
}
