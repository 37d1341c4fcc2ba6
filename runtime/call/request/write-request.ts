import type { ErrorPlace } from '../../errors/base.js';
import { RequestError } from '../../errors/call-errors.js';
import type { CallOptions } from '../client/options.js';
import type { CompiledOperation } from '../operation.js';
import type { TransportRequest } from '../transport/types.js';
import type { Secrets } from './auth.js';
import type { WrittenBody } from './body.js';
import { HEADER_NAME, HEADER_VALUE } from './headers.js';
import { type Sender, senderOf } from './sender.js';
import { mayNameSender } from './tenant-key.js';
import { headerValue, ParamFault, type ParamValues } from './url.js';

/** What stays the same over all attempts of a call. */
export interface RequestParts {
  /** Path and query, without credentials. */
  readonly path: string;
  readonly body: WrittenBody;
  readonly params: ParamValues;
  readonly options: CallOptions | undefined;
  /** The user's own name for the sender, where one was given. */
  readonly senderName: string | undefined;
  /** The sender: set by `writeRequest`, as the token may differ from attempt to attempt. */
  sender: Sender;
  /** One key per logical call, the same on every attempt. */
  idempotencyKey(): string;
}

/** One attempt's request. @throws {ParamFault} where a required header parameter is missing or a value cannot be sent. */
export function writeRequest(op: CompiledOperation, parts: RequestParts, secrets: Secrets | undefined): TransportRequest {
  const { operation } = op;
  const { body, contentType } = parts.body;
  const own = ownHeaders(op, parts);
  const written = own.length === 0 ? op.headers.usual(secrets, contentType) : op.headers.written(secrets, contentType, own);
  parts.sender = senderOf(op, written, parts.senderName);
  let headers = written.list;
  const keyHeader = operation.idempotencyHeader?.toLowerCase();
  if (keyHeader !== undefined && !headers.some((name, at) => at % 2 === 0 && name === keyHeader)) {
    headers = [...headers, keyHeader, parts.idempotencyKey()];
  }
  let { path } = parts;
  if (written.query !== '') path += (path.includes('?') ? '&' : '?') + written.query;
  return { origin: op.origin, path, method: operation.method, headers, body };
}

/** Tells who sends a call that has no token, if the user named its sender: then the last good response needs no token to be found. */
export function nameSender(op: CompiledOperation, parts: RequestParts): void {
  if (parts.senderName === undefined) return;
  try {
    parts.sender = senderOf(op, op.headers.unsigned(parts.body.contentType, ownHeaders(op, parts)), parts.senderName);
  } catch {
    // A call whose headers cannot be written has no good response.
  }
}

/** Header and cookie parameters, and the headers that the call's options add: names and values in turn. */
function ownHeaders(op: CompiledOperation, { params, options }: RequestParts): readonly string[] {
  const headers = options?.headers;
  if (op.headerParams.length === 0 && headers === undefined) return NONE;
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
    const value = headers[name];
    if (value !== undefined && Object.hasOwn(headers, name)) own.push(name, value);
  }
  return own;
}

const NONE: readonly string[] = [];

/** A request, and what its sender is known by besides what was known before. */
export interface WithHeaders {
  readonly request: TransportRequest;
  /** Pairs as in `Sender.identity`; empty where the headers say nothing of the sender. */
  readonly names: string;
}

/** The request with headers that an instrumentation adds. One that cannot be sent must not end the call. */
export function withHeaders(request: TransportRequest, added: readonly (readonly [string, unknown])[]): WithHeaders {
  if (added.length === 0) return { request, names: '' };
  const headers = [...request.headers];
  let names = '';
  for (const [name, value] of added) {
    const key = name.toLowerCase();
    const there = headers.some((text, at) => at % 2 === 0 && text === key);
    if (there || !HEADER_NAME.test(name) || typeof value !== 'string' || !HEADER_VALUE.test(value)) continue;
    headers.push(key, value);
    if (mayNameSender(key)) names += `\n${key}\n${value}`;
  }
  return { request: { ...request, headers }, names };
}

/** Input that cannot be written: our own fault names the parameter; anything else was thrown by a getter or `toJSON` of the input's. */
export function unwritable(place: ErrorPlace, error: unknown): RequestError {
  return error instanceof ParamFault
    ? new RequestError(place, error.message, { cause: error.cause })
    : new RequestError(place, 'the parameters cannot be written', { cause: error });
}
