import type { Link } from '../policies/stage.js';
import type { RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import type { Preparing } from './preparing.js';

/** The method of the circuit that the rate limit needs. */
export interface Circuit {
  isOpen(now: number): boolean;
}

/** The links that most operations do not have. Undefined for those that are off. */
export interface OptionalLinks {
  readonly sharing: Link<RequestFlow> | undefined;
  readonly places: Link<RequestFlow> | undefined;
  readonly tokens: Link<RequestFlow> | undefined;
}

/** The code of bulkhead, rate limit and coalescing. */
export interface OptionalCode {
  /** Makes the optional links of an operation. `shares`: equal calls share a request. */
  optionalLinks(op: CompiledOperation, shares: boolean, preparing: Preparing, circuit: Circuit): OptionalLinks;
  /** Lets the limits of an operation go that was compiled again, perhaps with other limits. */
  outdateLimits(op: CompiledOperation, version: number): void;
}
