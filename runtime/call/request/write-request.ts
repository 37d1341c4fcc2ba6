import type { ErrorPlace } from '../../errors/base.js';
import { RequestError } from '../../errors/call-errors.js';
import { mayNameSender } from '../../observe/sender-headers.js';
import type { CallOptions } from '../client/options.js';
import type { CompiledOperation } from '../operation.js';
import type { TransportRequest } from '../transport/types.js';
import type { Secrets } from './auth.js';
import type { WrittenBody } from './body.js';
import { HEADER_NAME, HEADER_VALUE } from './headers.js';
import { type Sender, senderOf } from './sender.js';
import { headerValue, ParamFault, type ParamValues } from './url.js';

/** The parts of a request that are the same for all attempts of a call. */
export interface RequestParts {
  /** Path and query, without credentials. */
  readonly path: string;
  readonly body: WrittenBody;
  /** Names and values of the call's own headers. */
  readonly ownHeaders: readonly string[];
  /** The user's name for the sender; undefined if none was given. */
  readonly senderName: string | undefined;
  /** The sender. `writeRequest` sets it for each attempt, because the token can differ. */
  sender: Sender;
  /** Returns the idempotency key of the call. It is the same for every attempt. */
  idempotencyKey(): string;
}

/** Returns the request of one attempt. @throws {ParamFault} if a header cannot be sent. */
export function writeRequest(op: CompiledOperation, parts: RequestParts, secrets: Secrets | undefined): TransportRequest {
  const { operation } = op;
  const { body, contentType } = parts.body;
  const own = parts.ownHeaders;
  const written = own.length === 0 ? op.headers.usual(secrets, contentType) : op.headers.written(secrets, contentType, own);
  parts.sender = senderOf(op, written, parts.senderName);
  let headers = written.list;
  const keyHeader = operation.idempotencyHeader?.toLowerCase();
  if (keyHeader !== undefined && !headers.some((name, at) => at % 2 === 0 && name === keyHeader)) {
    headers = [...headers, keyHeader, parts.idempotencyKey()];
  }
  const { path } = parts;
  const request = { origin: op.origin, path, method: operation.method, headers, body, headersTimeout: 0, bodyTimeout: 0 };
  return written.query === '' ? request : withSecret(request, written.query);
}

/** The request with credentials in its query. `query`: `name=value`, encoded, joined by `&`. */
function withSecret(request: TransportRequest, query: string): TransportRequest {
  const path = request.path + (request.path.includes('?') ? '&' : '?') + query;
  return { ...request, path, secretQuery: query };
}

/** Tells who sends a call that has no token, if the user named its sender: then the last good response needs no token to be found. */
export function nameSender(op: CompiledOperation, parts: RequestParts): void {
  if (parts.senderName === undefined) return;
  try {
    parts.sender = senderOf(op, op.headers.unsigned(parts.body.contentType, parts.ownHeaders), parts.senderName);
  } catch {
    // A call whose headers cannot be written has no good response.
  }
}

/**
 * Returns the header and cookie parameters, and the headers of the call's options: names and values in turn. Called once, when the call is made:
 * the objects are the caller's, and can hold those of another tenant when a later attempt is written.
 *
 * @throws {ParamFault} if a required header parameter is missing, or a header is not text.
 */
export function takeHeaders(op: CompiledOperation, params: ParamValues, headers: CallOptions['headers']): readonly string[] {
  if (op.headerParams.length === 0 && headers === undefined) return NO_HEADERS;
  const own: string[] = [];
  for (const param of op.headerParams) {
    const value = params[param.key];
    const name = param.wire ?? param.key;
    if (value === undefined || value === null) {
      if (param.required === true) throw new ParamFault(`header parameter '${param.key}' is missing`);
    } else if (param.in === 'cookie') own.push('cookie', `${name}=${encodeURIComponent(headerValue(param, value))}`);
    else own.push(name, headerValue(param, value));
  }
  for (const name in headers) {
    const value: unknown = headers[name];
    if (value !== undefined && Object.hasOwn(headers, name)) own.push(name, typeof value === 'string' ? value : textOf(name, value));
  }
  return own;
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw new ParamFault(`header '${HEADER_NAME.test(name) ? name : '?'}' is not a string`);
}

/** The own headers of a call that has none. */
export const NO_HEADERS: readonly string[] = [];

/** A request with added headers, and the ones among them that identify the sender. */
export interface WithHeaders {
  readonly request: TransportRequest;
  /** Pairs in the form of `Sender.identity`; empty if no added header identifies the sender. */
  readonly names: string;
}

/**
 * The request with headers that an instrumentation adds. One that cannot be sent must not end the call. `signs`: they may name a sender. If it is false,
 * calls of several senders may wait for this request, so such a header is left out.
 */
export function withHeaders(request: TransportRequest, added: readonly (readonly [string, unknown])[], signs: boolean): WithHeaders {
  if (added.length === 0) return { request, names: '' };
  const headers = [...request.headers];
  let names = '';
  for (const [name, value] of added) {
    const key = name.toLowerCase();
    const there = headers.some((text, at) => at % 2 === 0 && text === key);
    if (there || !HEADER_NAME.test(name) || typeof value !== 'string' || !HEADER_VALUE.test(value)) continue;
    const namesSender = mayNameSender(key);
    if (namesSender && !signs) continue;
    headers.push(key, value);
    if (namesSender) names += `\n${key}\n${value}`;
  }
  return { request: { ...request, headers }, names };
}

/**
 * Returns the error for input that cannot be written. A `ParamFault` names the parameter; other errors come from a getter or `toJSON` of the input.
 */
export function unwritable(place: ErrorPlace, error: unknown): RequestError {
  return error instanceof ParamFault
    ? new RequestError(place, error.message, { cause: error.cause })
    : new RequestError(place, 'the parameters cannot be written', { cause: error });
}
