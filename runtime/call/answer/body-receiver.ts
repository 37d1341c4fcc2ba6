/** The reason why a coded body cannot be read. */
export type CodingProblem = 'unknown_coding' | 'broken_coding' | 'too_large';

/** Receives the body of one answer, once. */
export interface BodyReceiver {
  /** The whole body, with every coding undone. */
  onDecoded(bytes: Uint8Array): void;
  /** `coding` names the coding that is unknown or broken. */
  onUndecodable(problem: CodingProblem, coding: string | undefined): void;
}

/** Takes a body that has content codings, piece by piece, and gives it decoded to its receiver. */
export interface BodyDecoder {
  push(chunk: Uint8Array): void;
  /** All pieces are there. */
  end(): void;
  /** Ends the work: the attempt is over. The receiver is called no more. */
  stop(): void;
}

/** Returns the pieces as one. */
export function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = chunks;
  if (only !== undefined && chunks.length === 1) return only;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
