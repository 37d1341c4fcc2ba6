import { RequestError } from '../errors/call-errors.js';
import { REFUSED } from '../policies/circuit-breaker/breaker.js';
import type { Call } from './call.js';
import { fallBack, outOfTime, refused } from './giving-up.js';
import { limitsCode, loadLimits } from './limits-code.js';
import { Preparation } from './preparation.js';
import { unwritable, writeRequest } from './request/write-request.js';
import { send } from './sending.js';
import type { DispatcherLike, TransportRequest } from './transport/types.js';

/** Begins a call's way to the server: its place among others, where there are limits, then all that each attempt needs. */
export function prepare(call: Call, now: number): void {
  const { op } = call;
  if (op.limits !== undefined || op.coalesces) limit(call, now);
  else prepareAttempt(call, now);
}

/**
 * Asks for a token, writes the request and sends it. Token and transport are at hand but for the first call and for token functions that are
 * async; only then is anything awaited.
 */
export function prepareAttempt(call: Call, now: number): void {
  const { op } = call;
  const { core, breaker } = op;
  let token: string | undefined | Promise<string>;
  if (op.needsToken) {
    // An open circuit asks nobody for a token, unless the kept response of that very sender may answer.
    const open = typeof core.options.token === 'function' && !op.keepsLastGood && breaker.retryAfterMs(now) > 0;
    if (open && breaker.enter(now, op.leaseMs, call) === REFUSED) {
      refused(call, now);
      return;
    }
    try {
      token = core.token(call.user);
    } catch (error) {
      notReady(call, NO_TOKEN, error);
      return;
    }
  }
  // The token function is the user's own code and may have aborted the call.
  if (call.settled) return;
  const dispatcher = core.dispatcher();
  if (token instanceof Promise || dispatcher instanceof Promise || isThenable(token)) {
    const ready = ([given, transport]: [string | undefined, DispatcherLike]): void => write(call, given, transport, core.clock.now());
    let fault = NO_TOKEN;
    const transport = Promise.resolve(dispatcher);
    transport.catch(() => {
      // As by a bundler that took undici in, although it needs `require`.
      fault = `the transport cannot be loaded (${core.options.transport ?? 'undici'})`;
    });
    wait(call, Promise.all([token, transport]), ready, () => fault, now);
    return;
  }
  write(call, token, dispatcher, now);
}

function limit(call: Call, now: number): void {
  const code = limitsCode();
  if (code === undefined) {
    wait(
      call,
      loadLimits(),
      () => limit(call, call.op.core.clock.now()),
      () => NO_LIMITS,
      now,
    );
    return;
  }
  call.guard = code.guardFor(call, call.totalAt);
  if (call.guard.admit(now)) prepareAttempt(call, now);
}

function write(call: Call, token: string | undefined, dispatcher: DispatcherLike, now: number): void {
  let request: TransportRequest;
  try {
    request = writeRequest(call.op, call, token);
  } catch (error) {
    fallBack(call, unwritable(call.op.place, error), now);
    return;
  }
  if (call.guard === undefined || call.guard.pass(request, dispatcher, now)) send(call, request, dispatcher, now);
}

function wait<T>(call: Call, work: Promise<T>, onReady: (value: T) => void, fault: () => string, now: number): void {
  const preparation = new Preparation(call.op.core.clock, call.totalAt, now, (end) => outOfTime(call, 'preparing', end));
  call.preparation = preparation;
  void preparation.wait(work, onReady, (error) => notReady(call, fault(), error));
}

function notReady(call: Call, fault: string, error: unknown): void {
  fallBack(call, new RequestError(call.op.place, fault, { cause: error }), call.op.core.clock.now());
}

const NO_TOKEN = 'the token function failed';
const NO_LIMITS = 'the code of the limits cannot be loaded';

function isThenable(value: unknown): value is Promise<string> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
