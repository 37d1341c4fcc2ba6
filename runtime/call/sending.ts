import { REFUSED } from '../policies/circuit-breaker/breaker.js';
import { startDeadline } from '../policies/timeout/deadline.js';
import { userObject } from '../user-code.js';
import { Attempt } from './attempt.js';
import type { Call } from './call.js';
import { outOfTime, refused } from './giving-up.js';
import { withHeaders } from './request/write-request.js';
import type { DispatcherLike, TransportRequest } from './transport/types.js';

/** Sends an attempt, unless the circuit refuses. */
export function send(call: Call, request: TransportRequest, dispatcher: DispatcherLike, now: number): void {
  const { op, guard } = call;
  const { core, breaker, policy } = op;
  const remaining = call.totalAt - now;
  // Timers come late where the event loop was blocked.
  if (remaining <= 0) {
    guard?.refund();
    outOfTime(call, call.attempts === 0 ? 'preparing' : 'backoff', now);
    return;
  }
  const permit = breaker.enter(now, op.leaseMs, call);
  if (permit === REFUSED) {
    guard?.refund();
    refused(call, now);
    return;
  }
  // Half-open is an event, and a listener may have aborted the call.
  if (call.settled) {
    guard?.refund();
    breaker.release(permit, now);
    return;
  }
  call.attempts++;
  op.stats.attempts++;
  if (call.retries !== undefined) {
    op.stats.retries++;
    call.retries.sent();
  }
  const cutShort = policy.timeoutMs === null || remaining < policy.timeoutMs;
  const limitMs = cutShort ? remaining : (policy.timeoutMs ?? Number.POSITIVE_INFINITY);
  const attempt = new Attempt(call, permit, now, cutShort ? (policy.totalTimeoutMs ?? 0) : limitMs, cutShort ? 'total' : 'attempt');
  call.attempt = attempt;
  let sent = request;
  if (call.trace !== undefined) {
    const added = withHeaders(request, call.trace.attemptStarted(call.attempts));
    sent = added.request;
    if (added.names !== '') {
      core.signedByTrace = true;
      call.sender = { ...call.sender, identity: call.sender.identity + added.names };
    }
    // It is code of the user's, and may have aborted the call.
    if (call.settled) {
      guard?.refund();
      return;
    }
  }
  // The remainder of a deadline is a duration that no other call shares.
  const shared = !cutShort || limitMs === policy.totalTimeoutMs;
  if (limitMs !== Number.POSITIVE_INFINITY) startDeadline(core.clock, attempt, limitMs, now, shared);
  const handler = guard === undefined ? attempt : guard.watch(attempt);
  try {
    // Dispatchers may be the user's, and what follows undici's requests looks at the context of this very call.
    call.user.invoke(userObject(dispatcher), 'dispatch', sent, handler);
  } catch (error) {
    handler.onResponseError(null, error instanceof Error ? error : new Error('dispatch failed', { cause: error }));
  }
}
