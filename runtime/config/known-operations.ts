import type { HttpMethod } from './types.js';

/** What a document says of one operation. */
export interface KnownOperation {
  /** `namespace.name`. */
  readonly id: string;
  /** Left out: whether retries are allowed is not checked. */
  readonly method?: HttpMethod | undefined;
  /** Header with one key per call, by which the server knows a repeated request: such an operation may be retried whatever its method. */
  readonly idempotencyHeader?: string | undefined;
}

/** The names of a service that settings may be given for. */
export interface KnownOperations {
  readonly namespaces: readonly string[];
  readonly operations: readonly (string | KnownOperation)[];
}
