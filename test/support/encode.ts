import { once } from 'node:events';
import * as zlib from 'node:zlib';

/** Encodes a body, by the name of its content coding. `raw-deflate` is `deflate` without the header that the RFC asks for. */
export const ENCODERS: Readonly<Record<string, (body: Uint8Array | string) => Buffer>> = {
  gzip: (body) => zlib.gzipSync(body),
  'x-gzip': (body) => zlib.gzipSync(body),
  deflate: (body) => zlib.deflateSync(body),
  'raw-deflate': (body) => zlib.deflateRawSync(body),
  br: (body) => zlib.brotliCompressSync(body, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } }),
  ...zstdEncoder(),
};

/** zstd is in Node since 22.15. */
function zstdEncoder(): Readonly<Record<string, (body: Uint8Array | string) => Buffer>> {
  const { zstdCompressSync } = zlib as { readonly zstdCompressSync?: (body: Uint8Array | string) => Buffer };
  return zstdCompressSync === undefined ? {} : { zstd: zstdCompressSync };
}

/** The value of `content-encoding` for a coding of `ENCODERS`. */
export function wireName(coding: string): string {
  return coding === 'raw-deflate' ? 'deflate' : coding;
}

/** A body in a coding. */
export function encode(coding: string, body: Uint8Array | string): Buffer {
  const encoder = ENCODERS[coding];
  if (encoder === undefined) throw new Error(`no encoder for ${coding}`);
  return encoder(body);
}

/** A body of so many zeros, in a coding, made without holding them. At least 16 MiB. */
export async function zeros(coding: 'gzip' | 'br', bytes: number): Promise<Buffer> {
  const piece = Buffer.alloc(16 * 1024 * 1024);
  // A gzip body can consist of several.
  if (coding === 'gzip') {
    const member = encode('gzip', piece);
    return Buffer.concat(Array.from({ length: bytes / piece.length }, () => member));
  }
  const encoder = zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } });
  const chunks: Buffer[] = [];
  encoder.on('data', (chunk: Buffer) => chunks.push(chunk));
  for (let at = 0; at < bytes; at += piece.length) if (!encoder.write(piece)) await once(encoder, 'drain');
  encoder.end();
  await once(encoder, 'end');
  return Buffer.concat(chunks);
}
