import { EventParser } from '../../../../runtime/operate/dashboard/page/sse.js';
import type { StateMessage, UpdateMessage } from '../../../../runtime/operate/dashboard/wire.js';

/** One message of a feed, parsed. */
export type Message =
  | { readonly event: 'state'; readonly data: StateMessage }
  | { readonly event: 'update'; readonly data: UpdateMessage }
  | { readonly event: 'beat'; readonly data: { readonly now: number } };

/** Reads a stream as a page does, in the background. */
export class StreamReader {
  readonly messages: Message[] = [];
  /** True once the stream has ended or failed. */
  ended = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
    void this.#read();
  }

  get events(): readonly string[] {
    return this.messages.map(({ event }) => event);
  }

  get last(): Message | undefined {
    return this.messages.at(-1);
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }

  async #read(): Promise<void> {
    const parser = new EventParser();
    const decoder = new TextDecoder();
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done) break;
        for (const { event, data } of parser.push(decoder.decode(value, { stream: true }))) {
          this.messages.push({ event, data: JSON.parse(data) } as Message);
        }
      }
    } catch {
      // Cut off.
    }
    this.ended = true;
  }
}
