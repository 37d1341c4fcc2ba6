import type { HttpMethod } from './types.js';

/** The facts about one operation in an OpenAPI document. */
export interface KnownOperation {
  /** `namespace.name`. */
  readonly id: string;
  /** HTTP method. If undefined, it is not checked whether retries are allowed. */
  readonly method?: HttpMethod | undefined;
  /**
   * Header for the idempotency key, by which the server detects a repeated request. An operation with such a header can be retried with any method.
   */
  readonly idempotencyHeader?: string | undefined;
}

/** The resources and operations of a service. */
export interface KnownOperations {
  readonly namespaces: readonly string[];
  readonly operations: readonly (string | KnownOperation)[];
}
