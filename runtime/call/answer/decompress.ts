import { joined } from './body-receiver.js';
import { type Coding, nodeZlib, type Zlib } from './codings.js';
import { ZstdFrames } from './zstd-frames.js';

/** Receives the output of a decompressor. Nothing comes after `ended` or `broke`. */
export interface Decompressed {
  data(chunk: Uint8Array): void;
  ended(): void;
  /** The input is not in the coding, or it is cut off. */
  broke(): void;
}

/** Undoes one coding, piece by piece. */
export interface Decompressor {
  write(chunk: Uint8Array): void;
  end(): void;
  /** Ends the work. Nothing is received after it. */
  stop(): void;
}

/** Larger than Node's 16 KiB: a body takes fewer turns of the thread pool. In bytes. */
const CHUNK = 64 * 1024;

/** Window of zstd: 8 MiB, the most that a content coding may use (RFC 9659). Node would allocate up to 128 MiB. */
const ZSTD_WINDOW_LOG = 23;

/** The parts of zlib's classes that are used here. */
interface ZlibStream {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'error', listener: () => void): unknown;
  write(chunk: Uint8Array): unknown;
  end(): unknown;
  destroy(): unknown;
}

/**
 * Undoes a coding synchronously. Returns undefined if the output is larger than `maxBytes`, or if the platform can do it only piece by piece.
 *
 * @throws if the bytes are not in the coding, or cut off.
 */
export function decompressAtOnce(coding: Coding, bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const zlib = nodeZlib();
  if (zlib === undefined) return undefined;
  const options = { maxOutputLength: maxBytes };
  try {
    switch (coding) {
      case 'gzip':
        return zlib.gunzipSync(bytes, options);
      case 'deflate':
        return hasZlibHeader(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options);
      case 'br':
        return zlib.brotliDecompressSync(bytes, options);
      case 'zstd':
        return zstdAtOnce(zlib, bytes, maxBytes);
    }
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}

/** Starts to undo a coding piece by piece, in Node's thread pool, or with a `DecompressionStream` on other platforms. */
export function decompressor(coding: Coding, receiver: Decompressed): Decompressor {
  if (coding === 'deflate') return new DeflateDecompressor(receiver);
  return coding === 'zstd' ? new ZstdDecompressor(receiver) : open(coding, receiver);
}

type Format = Coding | 'deflate-raw';

function open(format: Format, receiver: Decompressed): Decompressor {
  return nodeZlib() === undefined ? new WebDecompressor(format, receiver) : new NodeDecompressor(format, receiver);
}

/**
 * `deflate` means the format of zlib (RFC 9110 section 8.4.1.2), but some servers send it without the header. The first byte tells: its low half
 * is 8 in zlib's format, which no encoder writes at the start of a bare block.
 */
function hasZlibHeader(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0x0f) === 8;
}

/** Waits for the first byte, which tells the format. */
class DeflateDecompressor implements Decompressor {
  readonly #receiver: Decompressed;
  #inner: Decompressor | undefined;

  constructor(receiver: Decompressed) {
    this.#receiver = receiver;
  }

  write(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#inner ??= open(hasZlibHeader(chunk) ? 'deflate' : 'deflate-raw', this.#receiver);
    this.#inner.write(chunk);
  }

  end(): void {
    if (this.#inner === undefined) this.#receiver.broke();
    else this.#inner.end();
  }

  stop(): void {
    this.#inner?.stop();
  }
}

/** Reads all frames, and finds a body that is cut off, which Node's zstd does not. */
class ZstdDecompressor implements Decompressor {
  readonly #inner: Decompressor;
  readonly #frames = new ZstdFrames();

  constructor(receiver: Decompressed) {
    this.#inner = open('zstd', {
      data: (chunk) => receiver.data(chunk),
      ended: () => (this.#frames.complete ? receiver.ended() : receiver.broke()),
      broke: () => receiver.broke(),
    });
  }

  write(chunk: Uint8Array): void {
    for (const piece of this.#frames.split(chunk)) this.#inner.write(piece);
  }

  end(): void {
    this.#inner.end();
  }

  stop(): void {
    this.#inner.stop();
  }
}

/** Frames of a body that are decompressed synchronously: a body of many tiny ones would block the process. */
const FRAMES_AT_ONCE = 16;

/** As `decompressAtOnce`. @throws if the bytes are not in the coding, or cut off. */
function zstdAtOnce(zlib: Zlib, bytes: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const frames = new ZstdFrames();
  const pieces = frames.split(bytes);
  if (!frames.complete) throw new Error('a zstd body that is cut off');
  if (zlib.zstdDecompressSync === undefined || pieces.length > FRAMES_AT_ONCE) return undefined;
  const decoded: Uint8Array[] = [];
  let left = maxBytes;
  for (const piece of pieces) {
    // zlib wants at least 1. The caller finds out that it is one too many.
    const output = zlib.zstdDecompressSync(piece, { maxOutputLength: Math.max(1, left), ...zstdOptions(zlib) });
    left -= output.length;
    if (left < 0) return undefined;
    decoded.push(output);
  }
  return joined(decoded, maxBytes - left);
}

class NodeDecompressor implements Decompressor {
  readonly #stream: ZlibStream;
  #over = false;

  constructor(format: Format, receiver: Decompressed) {
    this.#stream = zlibStream(format);
    this.#stream.on('data', (chunk) => {
      if (!this.#over) receiver.data(chunk);
    });
    this.#stream.on('end', () => this.#finish(() => receiver.ended()));
    // Stays for good: an error without a listener would end the process.
    this.#stream.on('error', () => this.#finish(() => receiver.broke()));
  }

  write(chunk: Uint8Array): void {
    if (!this.#over) this.#stream.write(chunk);
  }

  end(): void {
    if (!this.#over) this.#stream.end();
  }

  stop(): void {
    this.#over = true;
    this.#stream.destroy();
  }

  #finish(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    tell();
  }
}

function zlibStream(format: Format): ZlibStream {
  const zlib = nodeZlib();
  if (zlib === undefined) throw new Error('unreachable: the platform has zlib');
  const options = { chunkSize: CHUNK };
  switch (format) {
    case 'gzip':
      return zlib.createGunzip(options);
    case 'deflate':
      return zlib.createInflate(options);
    case 'deflate-raw':
      return zlib.createInflateRaw(options);
    case 'br':
      return zlib.createBrotliDecompress(options);
    case 'zstd':
      break;
  }
  if (zlib.createZstdDecompress === undefined) throw new Error('unreachable: this Node has zstd');
  return zlib.createZstdDecompress({ ...options, ...zstdOptions(zlib) });
}

function zstdOptions({ constants }: Zlib): object {
  return { params: { [constants.ZSTD_d_windowLogMax ?? 0]: ZSTD_WINDOW_LOG } };
}

/** On platforms without zlib. They know gzip and deflate. */
class WebDecompressor implements Decompressor {
  readonly #stream: DecompressionStream;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #over = false;

  constructor(format: Format, receiver: Decompressed) {
    this.#stream = new DecompressionStream(format as 'gzip' | 'deflate' | 'deflate-raw');
    this.#writer = this.#stream.writable.getWriter();
    this.#read(receiver).then(
      () => this.#finish(() => receiver.ended()),
      () => this.#finish(() => receiver.broke()),
    );
  }

  write(chunk: Uint8Array): void {
    // The reader reports the failure.
    this.#writer.write(chunk).catch(() => undefined);
  }

  end(): void {
    this.#writer.close().catch(() => undefined);
  }

  stop(): void {
    this.#over = true;
    this.#writer.abort().catch(() => undefined);
  }

  async #read(receiver: Decompressed): Promise<void> {
    const reader = (this.#stream.readable as ReadableStream<Uint8Array>).getReader();
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) if (!this.#over) receiver.data(chunk.value);
  }

  #finish(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    tell();
  }
}
