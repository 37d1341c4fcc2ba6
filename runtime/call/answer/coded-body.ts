import { type BodyDecoder, type BodyReceiver, type CodingProblem, joined } from './body-receiver.js';
import type { Coding, UnknownCoding } from './codings.js';
import { type Decompressor, decompressAtOnce, decompressor } from './decompress.js';

/** A body that came in up to this many bytes is decoded synchronously: it takes less time than the way through the thread pool. */
export const AT_ONCE_BYTES = 64 * 1024;

/** The most that is decoded synchronously, in bytes. 1 kB of brotli can hold a gigabyte, which would block the process. */
export const AT_ONCE_DECODED_BYTES = 1024 * 1024;

/**
 * The body of an answer that has content codings. Pieces go in by `push` as they arrive, and the decoded whole goes to the receiver: within
 * `end` if the body is small, later if it is large. The output of each coding is limited to `maxBytes`.
 */
export class CodedBody implements BodyDecoder {
  readonly #receiver: BodyReceiver;
  readonly #maxBytes: number;
  readonly #codings: readonly Coding[];
  readonly #unknown: string | undefined;
  /** The input of the first coding, while it may still be small. */
  #held: Uint8Array[] = [];
  #bytes = 0;
  #stream: Decompressor | undefined = undefined;
  #over = false;

  constructor(codings: readonly Coding[] | UnknownCoding, maxBytes: number, receiver: BodyReceiver) {
    this.#codings = 'unknown' in codings ? [] : codings;
    this.#unknown = 'unknown' in codings ? codings.unknown : undefined;
    this.#maxBytes = maxBytes;
    this.#receiver = receiver;
  }

  push(chunk: Uint8Array): void {
    if (this.#over) return;
    this.#bytes += chunk.length;
    if (this.#stream !== undefined) {
      this.#stream.write(chunk);
      return;
    }
    // A body that nobody can read is not kept.
    if (this.#unknown !== undefined) return;
    this.#held.push(chunk);
    const [first] = this.#codings;
    if (first === undefined || this.#bytes <= AT_ONCE_BYTES) return;
    const stream = this.#open(first, 0);
    for (const held of this.#held.splice(0)) stream.write(held);
  }

  /** All pieces are there. */
  end(): void {
    if (this.#over) return;
    // No body, as after HEAD, has no coding either.
    if (this.#unknown !== undefined && this.#bytes > 0) this.#fail('unknown_coding', this.#unknown);
    else if (this.#stream !== undefined) this.#stream.end();
    else this.#undo(0, joined(this.#held, this.#bytes));
  }

  /** Ends the work: the attempt is over. Calls the receiver no more. */
  stop(): void {
    this.#over = true;
    this.#stream?.stop();
  }

  /** Undoes the codings from number `at` on, at once where the body is small. */
  #undo(at: number, bytes: Uint8Array): void {
    const coding = this.#codings[at];
    if (coding === undefined || bytes.length === 0) {
      this.#over = true;
      this.#receiver.onDecoded(bytes);
      return;
    }
    let decoded: Uint8Array | undefined;
    try {
      if (bytes.length <= AT_ONCE_BYTES) decoded = decompressAtOnce(coding, bytes, this.#atOnce);
    } catch {
      this.#fail('broken_coding', coding);
      return;
    }
    if (decoded !== undefined && decoded.length <= this.#maxBytes) this.#undo(at + 1, decoded);
    else {
      const stream = this.#open(coding, at);
      stream.write(bytes);
      stream.end();
    }
  }

  /** zlib wants a whole number, 1 or more. */
  get #atOnce(): number {
    return Math.max(1, Math.floor(Math.min(AT_ONCE_DECODED_BYTES, this.#maxBytes)));
  }

  #open(coding: Coding, at: number): Decompressor {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    this.#stream = decompressor(coding, {
      data: (chunk) => {
        bytes += chunk.length;
        if (bytes > this.#maxBytes) this.#fail('too_large', undefined);
        else chunks.push(chunk);
      },
      ended: () => this.#undo(at + 1, joined(chunks, bytes)),
      broke: () => this.#fail('broken_coding', coding),
    });
    return this.#stream;
  }

  #fail(problem: CodingProblem, coding: string | undefined): void {
    if (this.#over) return;
    this.stop();
    this.#receiver.onUndecodable(problem, coding);
  }
}
