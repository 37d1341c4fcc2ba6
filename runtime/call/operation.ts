import type { OperationStats } from '../observe/operation-stats.js';
import type { Tracing } from '../observe/safe-trace.js';
import type { CallEvents } from '../policies/call-events.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import type { RetryBudget } from '../policies/retry/retry-budget.js';
import type { Operation } from './client/descriptor.js';
import type { KnownSettings } from './client/known-settings.js';
import type { MissingCredentials } from './client/missing-credentials.js';
import type { ClientParts } from './client-parts.js';
import type { HeaderCache } from './request/headers.js';
import type { Signing } from './request/signing.js';
import type { CallSettings } from './settings.js';
import type { OperationPlan } from './shared/operation-plan.js';

/** The fields of the plan. They are copied, because every call reads them. */
type Planned = Pick<OperationPlan, 'policy' | 'place' | 'origin' | 'basePath' | 'path' | 'query' | 'headerParams' | 'security'>;

/** One operation of one client, with all state that is the same for every call. */
export interface CompiledOperation extends Planned {
  readonly client: ClientParts;
  /** The version of the configuration from which the operation was compiled. */
  readonly version: number;
  readonly operation: Operation;
  readonly settings: CallSettings;
  /** The settings of calls that have options of their own. */
  readonly known: KnownSettings;
  /** How its requests are signed. */
  readonly signing: Signing;
  /** The missing credentials. Undefined if the operation needs none, or if other code can add them. */
  readonly lacks: MissingCredentials | undefined;
  /** The user's code can run after a call has started, in callbacks of sockets, timers and other calls. */
  readonly runsUserCode: boolean;
  readonly headers: HeaderCache;
  readonly breaker: CircuitBreaker;
  readonly budget: RetryBudget;
  readonly stats: OperationStats;
  readonly events: CallEvents;
  /** Undefined if the client is not instrumented. */
  readonly tracing: Tracing | undefined;
}
