import type { BodyDecoder, BodyReceiver } from './body-receiver.js';
import { type Coding, codingsOf, type UnknownCoding } from './codings.js';

type Codings = readonly Coding[] | UnknownCoding;
type Code = typeof import('./coded-body.js');

let code: Code | undefined;

/**
 * Returns a decoder for a body; undefined if there is nothing to undo. `header`: the value of `content-encoding`. `decoded`: the transport has undone
 * the codings that it knows. The code that decompresses is loaded with the first body that needs it: that one is decoded after its end.
 */
export function bodyDecoder(
  header: string | readonly string[],
  decoded: boolean,
  maxBytes: number,
  receiver: BodyReceiver,
): BodyDecoder | undefined {
  const codings = codingsOf(header, decoded);
  if (!('unknown' in codings) && codings.length === 0) return undefined;
  return code === undefined ? new LoadingDecoder(codings, maxBytes, receiver) : new code.CodedBody(codings, maxBytes, receiver);
}

/** Keeps the pieces until the code is loaded. The attempt limits their size. */
class LoadingDecoder implements BodyDecoder {
  #held: Uint8Array[] = [];
  #ended = false;
  #over = false;
  #decoder: BodyDecoder | undefined = undefined;

  constructor(codings: Codings, maxBytes: number, receiver: BodyReceiver) {
    import('./coded-body.js').then(
      (loaded) => {
        code = loaded;
        if (this.#over) return;
        this.#decoder = new loaded.CodedBody(codings, maxBytes, receiver);
        for (const chunk of this.#held.splice(0)) this.#decoder.push(chunk);
        if (this.#ended) this.#decoder.end();
      },
      // For example for want of a file handle. The next body tries again; Node 20 gives it the same error.
      () => {
        if (!this.#over) receiver.onUndecodable('unknown_coding', 'code that cannot be loaded');
      },
    );
  }

  push(chunk: Uint8Array): void {
    if (this.#decoder === undefined) this.#held.push(chunk);
    else this.#decoder.push(chunk);
  }

  end(): void {
    this.#ended = true;
    this.#decoder?.end();
  }

  stop(): void {
    this.#over = true;
    this.#held = [];
    this.#decoder?.stop();
  }
}
