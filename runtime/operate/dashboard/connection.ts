/** The queued messages from which a client counts as too slow. */
const MAX_QUEUED = 8;

const encoder = new TextEncoder();

/** Returns a message as a server-sent event. */
export function eventText(event: string, data: unknown): Uint8Array {
  // JSON has no unescaped line break, so one line is enough.
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/**
 * The stream to one page. It holds only a few messages. A client that is too slow receives the whole state when it has caught up, or is disconnected.
 */
export class Connection {
  readonly body: ReadableStream<Uint8Array>;
  /** Since when messages are skipped, as monotonic milliseconds; undefined if the client keeps up. */
  behindSince: number | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  /** `ended` is called once, when the client disconnects or is disconnected. */
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

  /** Whether the client has received all messages. */
  get drained(): boolean {
    return this.#controller?.desiredSize === MAX_QUEUED;
  }

  /** Sends a message. If the queue is full, this message and all later ones are skipped until `catchUp`. */
  send(message: Uint8Array, now: number): void {
    if (this.behindSince !== undefined) return;
    if ((this.#controller?.desiredSize ?? 0) > 0) this.#controller?.enqueue(message);
    else this.behindSince = now;
  }

  /** Sends the whole state to a client that was too slow. */
  catchUp(message: Uint8Array): void {
    this.behindSince = undefined;
    this.#controller?.enqueue(message);
  }

  /** Ends the stream after the queued messages. */
  end(): void {
    this.#controller?.close();
    this.#controller = undefined;
  }

  /** Ends the stream with an error, so that its connection is destroyed. */
  abort(): void {
    this.#controller?.error(new Error('the client accepts no messages'));
    this.#controller = undefined;
  }
}
