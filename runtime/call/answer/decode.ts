import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { ResponseParseError } from '../../errors/call-errors.js';
import { headerText } from '../../errors/http-error.js';
import type { Operation, ResponseDescriptor } from '../client/descriptor.js';
import { isRead } from '../settings.js';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Returns the declared response for a status: that of the exact code, otherwise that of its range, otherwise `default`. */
export function matchResponse(responses: readonly ResponseDescriptor[], status: number): ResponseDescriptor | undefined {
  let match: ResponseDescriptor | undefined;
  for (const response of responses) {
    if (response.status === status) return response;
    if (response.status === 'default') match ??= response;
    else if (typeof response.status === 'string' && response.status.charCodeAt(0) - 48 === Math.trunc(status / 100)) match = response;
  }
  return match;
}

/** Returns true if the response is a success. Every 2xx is a success, even if only another 2xx is declared. */
export function isSuccess(response: ResponseDescriptor | undefined, status: number): boolean {
  if (response?.success === true && (status < 400 || response.status === status)) return true;
  return status >= 200 && status < 300;
}

/** A decoded success response. `text` is its text if it was JSON: last good responses are kept as text. */
export interface Decoded {
  readonly value: unknown;
  readonly text: string | undefined;
}

/** Returns how the body of a success is read. */
function successKind(operation: Operation, matched: ResponseDescriptor | undefined, status: number): ResponseDescriptor['kind'] {
  if (operation.method === 'HEAD' || status === 204 || status === 205) return 'none';
  const declared = matched?.success === true ? matched : (operation.responses.find((response) => response.success === true) ?? matched);
  return declared?.kind ?? 'any';
}

/** Returns false if the body of a success says nothing to the caller, so that a fault in it changes nothing. */
export function readsBody(operation: Operation, status: number): boolean {
  const matched = matchResponse(operation.responses, status);
  return !isSuccess(matched, status) || successKind(operation, matched, status) !== 'none';
}

/**
 * Decodes the body of a success response as the OpenAPI document declares it.
 *
 * @throws {ResponseParseError} if the body is something else, for example HTML, truncated JSON or empty.
 */
export function decodeSuccess(
  operation: Operation,
  matched: ResponseDescriptor | undefined,
  status: number,
  headers: Headers,
  bytes: Uint8Array,
  place: ErrorPlace,
): Decoded {
  switch (successKind(operation, matched, status)) {
    case 'none':
      return { value: undefined, text: undefined };
    case 'binary':
      // Copied, because the bytes are a view on the socket's buffer, and their `.buffer` would expose other data.
      return { value: new Uint8Array(bytes), text: undefined };
    case 'text':
      return { value: decodeText(bytes), text: undefined };
    case 'any':
      return bytes.length === 0 ? { value: undefined, text: undefined } : decodeLoosely(headers, bytes);
    case 'json':
      // A write that is done must not look like one that failed: the caller would repeat it.
      if (bytes.length === 0 && !isRead(operation)) return { value: undefined, text: undefined };
      return decodeJson(status, headers, bytes, place);
  }
}

function decodeJson(status: number, headers: Headers, bytes: Uint8Array, place: ErrorPlace): Decoded {
  if (bytes.length === 0) throw parseError(place, 'empty_body', status, headers, bytes);
  if (!isPlainJson(headers['content-type']) && !mayBeJson(mediaType(headers)))
    throw parseError(place, 'content_type', status, headers, bytes);
  const text = decodeText(bytes);
  try {
    return { value: JSON.parse(text) as unknown, text };
  } catch {
    throw parseError(place, 'invalid_json', status, headers, bytes);
  }
}

function parseError(
  place: ErrorPlace,
  problem: ResponseParseError['problem'],
  status: number,
  headers: Headers,
  bytes: Uint8Array,
): ResponseParseError {
  return withoutStack(() => new ResponseParseError(place, problem, status, mediaType(headers), bytes.length));
}

/** The type of the last JSON response. A server sends the same one each time, and comparing it is faster than searching it. */
let lastJsonType = 'application/json';

/** Checks for the type of almost every response without parsing it. Parsing the type takes 10 % of the time of a call. */
function isPlainJson(contentType: Headers[string]): boolean {
  if (contentType === lastJsonType) return true;
  if (typeof contentType !== 'string' || !/^application\/json(?:;|$)/.test(contentType)) return false;
  lastJsonType = contentType;
  return true;
}

/** A server that sends no type, or plain text, can still send JSON. A server that declares HTML or XML does not. */
function mayBeJson(contentType: string | undefined): boolean {
  return contentType === undefined || /[/+]json$|^text\/plain$|^application\/octet-stream$|json/.test(contentType);
}

function decodeLoosely(headers: Headers, bytes: Uint8Array): Decoded {
  const text = decodeText(bytes);
  const contentType = mediaType(headers);
  if (contentType === undefined || !contentType.includes('json')) return { value: text, text: undefined };
  try {
    return { value: JSON.parse(text) as unknown, text };
  } catch {
    return { value: text, text: undefined };
  }
}

/** Returns the body of an error response: parsed if it is JSON, otherwise as text; undefined if it is empty. Never throws. */
export function decodeErrorBody(headers: Headers, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  const text = decodeText(bytes);
  const contentType = mediaType(headers);
  if (contentType?.includes('json') !== true && !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Returns the media type without parameters, in lower case. */
export function mediaType(headers: Headers): string | undefined {
  return headerText(headers, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
}

const decoder = new TextDecoder();

function decodeText(bytes: Uint8Array): string {
  if (typeof Buffer === 'undefined') return decoder.decode(bytes);
  // A Buffer decodes small bodies several times faster than a TextDecoder, but leaves a byte order mark in.
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = buffer.toString('utf8');
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}
