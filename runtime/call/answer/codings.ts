import { builtin } from '../../user-code.js';

/** A content coding that can be undone. */
export type Coding = 'gzip' | 'deflate' | 'br' | 'zstd';

/** A coding that cannot be undone. */
export interface UnknownCoding {
  /** Its name, or `unreadable` if the header holds no name. */
  readonly unknown: string;
}

/** Names on the wire (RFC 9110 section 8.4.1, RFC 7932, RFC 9659). */
const NAMES: ReadonlyMap<string, Coding> = new Map([
  ['gzip', 'gzip'],
  ['x-gzip', 'gzip'],
  ['deflate', 'deflate'],
  ['br', 'br'],
  ['zstd', 'zstd'],
]);

/** Names that change nothing of a body. Servers set a charset here by mistake; browsers ignore that. */
const PLAIN: ReadonlySet<string> = new Set(['', 'identity', 'none', 'utf-8', 'utf8', 'binary']);

/** Codings on top of one another. Each multiplies the work of a hostile answer, so curl and browsers stop at five as well. */
const MOST = 5;

/**
 * Reads a `content-encoding` header. Returns the codings in the order in which they are undone, which is the reverse of the header's, or the
 * first that cannot be undone here. `decoded`: the transport has undone what it knows, as fetch does, so nothing is left to undo.
 */
export function codingsOf(header: string | readonly string[], decoded: boolean): readonly Coding[] | UnknownCoding {
  const codings: Coding[] = [];
  for (const given of String(header).split(',')) {
    const name = given.trim().toLowerCase();
    if (PLAIN.has(name)) continue;
    const coding = NAMES.get(name);
    if (coding === undefined || !decodableCodings().includes(coding)) return { unknown: shown(name) };
    codings.unshift(coding);
    if (codings.length > MOST) return { unknown: `more than ${MOST} codings` };
  }
  return decoded ? [] : codings;
}

/** The name comes from the server: at most a short token of it gets into messages and logs. */
function shown(name: string): string {
  return /^[\w.+-]{1,20}$/.test(name) ? name : 'unreadable';
}

/** zlib with zstd, which Node has since 22.15 and 23.8. */
export type Zlib = typeof import('node:zlib') & {
  readonly zstdDecompressSync?: (bytes: Uint8Array, options: object) => Uint8Array;
  readonly createZstdDecompress?: (options: object) => import('node:zlib').BrotliDecompress;
  readonly constants: { readonly ZSTD_d_windowLogMax?: number };
};

let zlib: Zlib | undefined;
let decodable: readonly Coding[] | undefined;
let accepted: string | undefined;

/** Node's zlib, loaded when it is first needed; undefined on other platforms. */
export function nodeZlib(): Zlib | undefined {
  zlib ??= builtin('node:zlib') as Zlib | undefined;
  return zlib;
}

/** The codings that this platform can undo, the preferred first. */
export function decodableCodings(): readonly Coding[] {
  decodable ??= findDecodable();
  return decodable;
}

function findDecodable(): readonly Coding[] {
  const node = nodeZlib();
  if (node !== undefined) return node.createZstdDecompress !== undefined ? ['gzip', 'deflate', 'br', 'zstd'] : ['gzip', 'deflate', 'br'];
  return typeof DecompressionStream === 'undefined' ? [] : ['gzip', 'deflate'];
}

/** The value of `accept-encoding`; undefined if this platform can undo no coding. */
export function acceptedCodings(): string | undefined {
  accepted ??= decodableCodings().join(', ');
  return accepted === '' ? undefined : accepted;
}
