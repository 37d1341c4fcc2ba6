import type { BodyKind, ResponseKind } from '../../runtime/call/client/descriptor.js';
import type { JsonSchema, TypeRef } from './types.js';

/**
 * The meaning of every kind of request and response body: its media types, TypeScript type, schema and example. The model and the
 * emitters read the two tables below and decide nothing about a kind themselves. `runtime/call/client/descriptor.ts` says how the runtime
 * writes and reads each kind.
 */
interface Kind {
  /** Tells whether a media type (lower case, without parameters) has this kind. The first row that says so gives the kind. */
  readonly covers: (type: string) => boolean;
  /** The content type if the document names none, or a range such as `text/*`. Undefined for a body that is never written. */
  readonly contentType: string | undefined;
  /** The TypeScript type of the body. Undefined: the type of the document's schema. */
  readonly type: TypeRef | undefined;
}

export interface BodyMeaning extends Kind {
  /** The schema of the body. Undefined: the document's. */
  readonly schema: JsonSchema | undefined;
  /** True if the body consists of fields, also if the document's schema is not an object. */
  readonly isForm: boolean;
  /** True if `encoding` in the document can make a field a JSON text. */
  readonly hasEncodedParts: boolean;
}

export interface ResponseMeaning extends Kind {
  /** False if the server sends no body. */
  readonly hasBody: boolean;
  /** True if the document's schema describes the body. Mocks then make their example from it. */
  readonly hasSchema: boolean;
  /** The body that mocks answer with, and that tests expect, for a response without a schema. */
  readonly example: unknown;
}

const builtin = (text: Extract<TypeRef, { kind: 'builtin' }>['text']): TypeRef => ({ kind: 'builtin', text });

/** The type of a body that the document does not describe. */
export const UNKNOWN = builtin('unknown');

/** The content type of JSON, and of mocks that name none. */
export const JSON_CONTENT_TYPE = 'application/json';
/** JSON media types without ranges. Generated mocks contain this expression. */
export const JSON_TYPE = /^(?:application|text)\/json$|\+json$/;
const TEXT_TYPE = /^text\/|^application\/(?:xml|yaml|x-yaml|x-ndjson|ndjson|jsonl|javascript|graphql|csv|sql)$|\+(?:xml|yaml)$/;

/** `type: string` that stands for bytes, as OpenAPI 3.0 writes it and as the converter writes 3.1's `contentMediaType`. */
export const BYTES_SCHEMA = { type: 'string', format: 'binary' } as const;
/** Example bytes: the word "fuse". */
export const EXAMPLE_BYTES: Uint8Array = new Uint8Array([102, 117, 115, 101]);

const JSON_CONTENT = {
  covers: (type) => JSON_TYPE.test(type) || type === '*/*' || type === 'application/*',
  contentType: JSON_CONTENT_TYPE,
  type: undefined,
} as const satisfies Kind;
const TEXT_CONTENT = { covers: (type) => TEXT_TYPE.test(type), contentType: 'text/plain', type: builtin('string') } as const satisfies Kind;
const BYTES_CONTENT = { covers: () => true, contentType: 'application/octet-stream', type: builtin('Uint8Array') } as const satisfies Kind;
const formContent = (contentType: string): Kind => ({ covers: (type) => type === contentType, contentType, type: undefined });

const PLAIN = { isForm: false, hasEncodedParts: false } as const;

/** Request bodies. A client sends the first of these kinds that the document offers. */
export const BODY_KINDS: Readonly<Record<BodyKind, BodyMeaning>> = {
  json: { ...JSON_CONTENT, ...PLAIN, schema: undefined },
  multipart: { ...formContent('multipart/form-data'), schema: undefined, isForm: true, hasEncodedParts: true },
  urlencoded: { ...formContent('application/x-www-form-urlencoded'), schema: undefined, isForm: true, hasEncodedParts: false },
  text: { ...TEXT_CONTENT, ...PLAIN, schema: { type: 'string' } },
  binary: { ...BYTES_CONTENT, ...PLAIN, schema: BYTES_SCHEMA },
};

const NO_CONTENT = { covers: () => false, contentType: undefined, hasSchema: false, example: undefined } as const;

/** Response bodies. A client reads the first of these kinds that the document offers. */
export const RESPONSE_KINDS: Readonly<Record<ResponseKind, ResponseMeaning>> = {
  json: { ...JSON_CONTENT, hasBody: true, hasSchema: true, example: undefined },
  text: { ...TEXT_CONTENT, hasBody: true, hasSchema: false, example: 'example' },
  binary: { ...BYTES_CONTENT, hasBody: true, hasSchema: false, example: EXAMPLE_BYTES },
  none: { ...NO_CONTENT, type: builtin('undefined'), hasBody: false },
  any: { ...NO_CONTENT, type: UNKNOWN, hasBody: true },
};

/** `application/json; charset=utf-8` -> `application/json`. */
export function mediaType(name: string): string {
  return (name.split(';', 1)[0] ?? '').trim().toLowerCase();
}

/** Returns how a request body of a media type is written. */
export function bodyKind(name: string): BodyKind {
  return kindOf(BODY_KINDS, name);
}

/** Returns how a response body of a media type is read. */
export function responseKind(name: string): ResponseKind {
  return kindOf(RESPONSE_KINDS, name);
}

/** Returns the media type that a client sends. Plain JSON comes before `+json`. */
export function preferredBody<T extends string>(types: readonly T[]): T | undefined {
  return preferred(BODY_KINDS, types);
}

/** Returns the media type that a client reads. Plain JSON comes before `+json`. */
export function preferredResponse<T extends string>(types: readonly T[]): T | undefined {
  return preferred(RESPONSE_KINDS, types);
}

/** Returns a media type that HTTP can carry: the type itself, or the kind's own for a range such as `text/*`. */
export function exactType(name: string, kind: Kind): string {
  const type = mediaType(name);
  return type.includes('*') ? (kind.contentType ?? type) : type;
}

/** Tells whether a schema is a string that stands for bytes. */
export function isBytes(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return false;
  const { type, format, contentMediaType, contentEncoding } = schema;
  if (type !== 'string' && !(Array.isArray(type) && type.includes('string'))) return false;
  return format === BYTES_SCHEMA.format || (contentMediaType === BYTES_CONTENT.contentType && contentEncoding === undefined);
}

function kindOf<K extends string>(kinds: Readonly<Record<K, Kind>>, name: string): K {
  const type = mediaType(name);
  // `binary` covers every type.
  return (Object.keys(kinds) as K[]).find((kind) => kinds[kind].covers(type)) as K;
}

function preferred<K extends string, T extends string>(kinds: Readonly<Record<K, Kind>>, types: readonly T[]): T | undefined {
  const order = Object.keys(kinds);
  const rank = (name: string): number => {
    const other = JSON_TYPE.test(mediaType(name)) && mediaType(name) !== JSON_CONTENT_TYPE;
    return order.indexOf(kindOf(kinds, name)) * 2 + Number(other);
  };
  let best: T | undefined;
  for (const type of types) if (best === undefined || rank(type) < rank(best)) best = type;
  return best;
}
