import type { QueueCircuit } from '../policies/queue/queued-flow.js';
import type { Link } from '../policies/stage.js';
import type { RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import type { Preparing } from './preparing.js';

/** The links that most operations do not have. A link is undefined if its policy is off. */
export interface OptionalLinks {
  readonly sharing: Link<RequestFlow> | undefined;
  readonly places: Link<RequestFlow> | undefined;
  readonly tokens: Link<RequestFlow> | undefined;
}

/** The code of bulkhead, rate limiter and coalescing. */
export interface OptionalCode {
  /** Creates the optional links of an operation. If `shares` is true, equal calls share a request. */
  optionalLinks(op: CompiledOperation, shares: boolean, preparing: Preparing, circuit: QueueCircuit): OptionalLinks;
  /** Releases the limits of an operation that was compiled again, because its limits can have changed. */
  outdateLimits(op: CompiledOperation, version: number): void;
}
