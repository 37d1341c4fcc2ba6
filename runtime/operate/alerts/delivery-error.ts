/** More of a delivery that failed. */
export interface DeliveryFailure {
  /** May it succeed if sent again? Default true. */
  readonly retryable?: boolean;
  /** How long the receiver asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A message could not be sent. Channels of your own throw it to say whether another attempt makes sense; anything else that they throw is
 * tried again.
 */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    /** A short, bounded name of what went wrong, for logs: `http_403`, `timeout`, `network`, `auth`. Never text of the receiver's. */
    readonly reason: string,
    { retryable = true, retryAfterMs }: DeliveryFailure = {},
  ) {
    super(reason);
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}
