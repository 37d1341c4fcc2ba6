import type { TimeoutError } from '../errors/call-errors.js';
import type { RequestFlow } from './flow.js';

/**
 * Returns what the flow is doing, for a `TimeoutError`. An attempt that is `connecting` may in truth wait for one of our own connections, and a call
 * that shares a request does what that request does.
 */
export function phaseOf(flow: RequestFlow): TimeoutError['phase'] {
  const shared = flow.seat?.flight?.work?.doing;
  if (shared !== undefined) return shared;
  return flow.phase === 'connecting' && flow.attempt?.lacksConnection === true ? 'connection' : flow.phase;
}
