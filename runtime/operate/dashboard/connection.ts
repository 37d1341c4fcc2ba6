/** Messages that wait for a client until it counts as one that cannot keep up. */
const MAX_QUEUED = 8;

const encoder = new TextEncoder();

/** A message as server-sent event. */
export function eventText(event: string, data: unknown): Uint8Array {
  // JSON holds no line break that is not escaped, so one line is enough.
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/**
 * The stream to one page. It never holds more than a few messages: a client that does not take them is told everything afresh when it
 * does, or is let go.
 */
export class Connection {
  readonly body: ReadableStream<Uint8Array>;
  /** Since when messages have been left out, as monotonic milliseconds; undefined where the client keeps up. */
  behindSince: number | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** `ended`: called once, when the client is gone or was let go. */
  constructor(ended: (connection: Connection) => void) {
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => {
          this.#controller = undefined;
          ended(this);
        },
      },
      { highWaterMark: MAX_QUEUED },
    );
  }

  /** Whether the client has taken all there was. */
  get drained(): boolean {
    return this.#controller?.desiredSize === MAX_QUEUED;
  }

  /** Sends, unless messages are waiting already: then this and all others are left out until someone tells it everything. */
  send(message: Uint8Array, now: number): void {
    if (this.behindSince !== undefined) return;
    if ((this.#controller?.desiredSize ?? 0) > 0) this.#controller?.enqueue(message);
    else this.behindSince = now;
  }

  /** Sends everything to a client that had fallen behind. */
  catchUp(message: Uint8Array): void {
    this.behindSince = undefined;
    this.#controller?.enqueue(message);
  }

  /** Ends the stream after what is queued. */
  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  /** Ends it at once: whoever carries the stream destroys what is below. */
  abort(): void {
    this.#controller?.error(new Error('the client takes no messages'));
    this.#controller = undefined;
  }
}
