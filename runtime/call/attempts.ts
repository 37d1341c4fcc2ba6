import type { Expiry, Inner, Outcome, Outer } from '../policies/stage.js';
import { startDeadline } from '../policies/timeout/deadline.js';
import { adopt, userObject } from '../user-code.js';
import { Attempt, type AttemptOwner } from './attempt.js';
import type { RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import { withHeaders } from './request/write-request.js';
import { followConnections } from './transport/connections.js';

/** The innermost link. Sends the flow's request within the time limit of one attempt, and reads the response. */
export class Attempts implements Inner<RequestFlow>, AttemptOwner {
  // Set by `connect`.
  outer!: Outer<RequestFlow>;
  readonly op: CompiledOperation;
  readonly hears: boolean;
  readonly tellsGone: boolean;

  /** `hears`: a link further out reads the headers of answers. `tellsGone`: one must know when the transport lets a request go. */
  constructor(op: CompiledOperation, { hears, tellsGone }: { readonly hears: boolean; readonly tellsGone: boolean }) {
    this.op = op;
    this.hears = hears;
    this.tellsGone = tellsGone;
    followConnections();
  }

  enter(flow: RequestFlow, now: number): void {
    const { ready } = flow;
    if (ready === undefined) return;
    // Each attempt writes a new request, because the token can differ.
    flow.ready = undefined;
    const { client, stats } = this.op;
    const attempt = new Attempt(this, flow, flow.attempts + 1, now);
    flow.attempt = attempt;
    let { request } = ready;
    if (flow.trace !== undefined) {
      const signs = this.op.tracing?.signs !== false;
      const added = withHeaders(request, flow.trace.attemptStarted(attempt.number), signs);
      // The instrumentation is the user's code, and may have aborted the call.
      if (flow.over) return;
      request = added.request;
      if (added.names !== '') client.signedByTrace = true;
      // The user's own name for the sender says more than headers.
      if (client.signedByTrace && flow.sender.name === undefined) flow.sender = flow.sender.knownBy(added.names);
    }
    flow.attempts++;
    flow.onWire++;
    stats.attempts++;
    if (flow.attempts > 1) stats.retries++;
    flow.phase = 'connecting';
    flow.metDeadConnection = false;
    const { timeoutMs } = flow.settings;
    if (timeoutMs !== null) {
      flow.waiting = attempt;
      startDeadline(client.clock, attempt, timeoutMs, now, true);
    }
    try {
      // The dispatcher can be the user's code, and tools that observe undici's requests read the asynchronous context of this call.
      const returned: unknown = flow.user.invoke(userObject(ready.dispatcher), 'dispatch', request, attempt);
      attempt.handedOver();
      if (typeof returned !== 'boolean') failLate(attempt, flow, returned);
    } catch (error) {
      attempt.onResponseError(null, error);
    }
  }

  leave(flow: RequestFlow, now: number, expiry: Expiry | undefined): Outcome {
    return flow.attempt?.leave(now, expiry) ?? 'released';
  }

  drop(flow: RequestFlow): void {
    flow.attempt?.drop();
  }
}

/** An `async dispatch` rejects where another one throws. */
function failLate(attempt: Attempt, { user }: RequestFlow, returned: unknown): void {
  adopt(user, returned, nothing, (error) => attempt.onResponseError(null, error));
}

function nothing(): void {}
