/** Details of a failed delivery. */
export interface DeliveryFailure {
  /** Whether another attempt can succeed. Default true. */
  readonly retryable?: boolean;
  /** How long the receiver asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A message could not be sent. Channels of your own throw it to say whether another attempt makes sense. After any other error, the message is sent
 * again.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    /** A short name of the fault, for logs: `http_403`, `timeout`, `network`, `auth`. Never text of the receiver. */
    readonly reason: string,
    { retryable = true, retryAfterMs }: DeliveryFailure = {},
  ) {
    super(reason);
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Returns the delivery error that a channel threw; `error` for anything else. Never throws: the thrown value can be a revoked Proxy. */
export function asDeliveryError(thrown: unknown): DeliveryError {
  try {
    // Copied, so that a getter of a subclass runs here and not in the queue.
    if (thrown instanceof DeliveryError) return copyOf(thrown);
  } catch {
    // Handled like any other error.
  }
  return new DeliveryError('error');
}

function copyOf({ reason, retryable, retryAfterMs }: DeliveryError): DeliveryError {
  return new DeliveryError(String(reason), { retryable, retryAfterMs });
}
