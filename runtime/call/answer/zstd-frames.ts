/**
 * Follows the frames of a zstd body (RFC 8878 section 3.1), which can be several. Node's zstd drops what follows a frame in the same piece, and ends a body
 * that is cut off without an error. So each piece given to it ends with its frame, and the body must end with one.
 *
 * Reads only the headers of frames and blocks; whether their content is valid is for the decompressor to say.
 */
export class ZstdFrames {
  /** What the next bytes are. */
  #part: keyof typeof WIDTHS = 'magic';
  #value = 0;
  #read = 0;
  #skip = 0;
  #hasChecksum = false;
  #frames = 0;

  /** Takes the next bytes, and returns them in pieces: each ends where a frame does, or where the bytes do. */
  split(chunk: Uint8Array): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let start = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at);
        this.#skip -= skipped;
        at += skipped;
      } else {
        this.#value += (chunk[at++] ?? 0) * 2 ** (8 * this.#read++);
        if (this.#read === WIDTHS[this.#part]) this.#take();
      }
      if (at === chunk.length || this.complete) {
        pieces.push(chunk.subarray(start, at));
        start = at;
      }
    }
    return pieces;
  }

  /** True if the last frame is whole. */
  get complete(): boolean {
    return this.#frames > 0 && this.#part === 'magic' && this.#read === 0 && this.#skip === 0;
  }

  #take(): void {
    const value = this.#value;
    this.#value = 0;
    this.#read = 0;
    if (this.#part === 'magic') this.#part = value === MAGIC ? 'descriptor' : 'skippable';
    else if (this.#part === 'skippable') this.#endFrame(value);
    else if (this.#part === 'descriptor') {
      const single = (value >> 5) & 1;
      const sizeFlag = value >> 6;
      this.#hasChecksum = (value & 4) !== 0;
      this.#skip = (single === 1 ? 0 : 1) + (DICTIONARY_BYTES[value & 3] ?? 0) + (sizeFlag === 0 ? single : 2 ** sizeFlag);
      this.#part = 'block';
    } else {
      const isRepeatedByte = ((value >> 1) & 3) === 1;
      const size = isRepeatedByte ? 1 : value >> 3;
      if ((value & 1) === 0) this.#skip = size;
      else this.#endFrame(size + (this.#hasChecksum ? 4 : 0));
    }
  }

  /** `rest`: the bytes of the frame that follow. */
  #endFrame(rest: number): void {
    this.#skip = rest;
    this.#part = 'magic';
    this.#frames++;
  }
}

const MAGIC = 0xfd2fb528;

/** How many bytes each part has. */
const WIDTHS = { magic: 4, skippable: 4, descriptor: 1, block: 3 } as const;

/** Bytes of the dictionary's id, by its flag. */
const DICTIONARY_BYTES = [0, 1, 2, 4];
