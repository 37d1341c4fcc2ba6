import { type Names, refuseInherited } from '../../errors/known-options.js';
import type { BodyDescriptor } from '../client/descriptor.js';
import type { TransportRequest } from '../transport/types.js';
import { bytesOf, isA, isDate, refuseOpaque } from './kinds.js';
import { type FormField, formFields, multipartBody } from './multipart.js';
import { ParamFault } from './param-fault.js';

const FILE: Names = new Set(['data', 'filename', 'contentType']);

/** A file in a multipart or binary body: bytes, a `Blob`, or one of these with a file name and a media type. */
export type FileInput =
  | Blob
  | Uint8Array
  | { readonly data: Blob | Uint8Array | string; readonly filename: string; readonly contentType?: string };

/**
 * A body that is ready to be sent, and its media type. The type is undefined if the body contains it: the type of a multipart `Blob` has the
 * boundary.
 */
export interface WrittenBody {
  readonly body: TransportRequest['body'];
  readonly contentType: string | undefined;
}

/** The value for a request without a body. */
export const NO_BODY: WrittenBody = { body: null, contentType: undefined };

/** Writes the body of a request. @throws {ParamFault} if a required body is missing or cannot be written. */
export function writeBody(descriptor: BodyDescriptor | undefined, value: unknown): WrittenBody {
  if (descriptor === undefined) return NO_BODY;
  if (value === undefined) {
    if (descriptor.required === true) throw new ParamFault("the 'body' is missing");
    return NO_BODY;
  }
  switch (descriptor.kind) {
    case 'json':
      return { body: writeJson(value), contentType: descriptor.contentType };
    case 'urlencoded':
      return { body: writeForm(value).toString(), contentType: descriptor.contentType };
    case 'multipart':
      return { body: unnamed(writeMultipart(value, descriptor.jsonParts)), contentType: undefined };
    case 'text':
      return { body: bytesOf(value) ?? writeText(value), contentType: descriptor.contentType };
    case 'binary':
      return writeBinary(value, descriptor.contentType);
  }
}

function writeJson(value: unknown): string {
  refuseOpaque("the 'body'", value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    throw new ParamFault("the 'body' cannot be written as JSON", { cause: error });
  }
  if (text === undefined) throw new ParamFault("the 'body' cannot be written as JSON");
  return text;
}

/** Any object as text would be `[object Object]`. */
function writeText(value: unknown): string {
  refuseOpaque("the 'body'", value);
  if (typeof value === 'object' && value !== null && !isA(value, 'String')) throw new ParamFault("the 'body' is an object, not text");
  return String(value);
}

function writeForm(value: unknown): { toString(): string } {
  if (isA(value, 'URLSearchParams')) return value as URLSearchParams;
  const form = new URLSearchParams();
  for (const [key, item] of entriesOf(value)) for (const one of Array.isArray(item) ? item : [item]) form.append(key, fieldText(one));
  return form;
}

function writeMultipart(value: unknown, jsonParts: readonly string[] = []): Blob {
  if (isA(value, 'FormData')) return multipartBody(formFields(value as FormData));
  const fields: FormField[] = [];
  for (const [key, item] of entriesOf(value)) {
    if (jsonParts.includes(key)) {
      fields.push([key, writeJson(item)]);
      continue;
    }
    for (const one of Array.isArray(item) ? item : [item]) {
      const file = asFile(one);
      fields.push(file === undefined ? [key, fieldText(one)] : [key, file.blob, file.filename]);
    }
  }
  return multipartBody(fields);
}

function writeBinary(value: unknown, contentType: string): WrittenBody {
  if (typeof value === 'string') return { body: value, contentType };
  const bytes = bytesOf(value);
  if (bytes !== undefined) return { body: bytes, contentType };
  const file = asFile(value);
  if (file === undefined) throw new ParamFault("the 'body' is neither a string, a Uint8Array nor a Blob");
  return { body: unnamed(file.blob), contentType: file.blob.type || contentType };
}

/** Transports accept a `Blob`, although the type `TransportRequest` does not include it. */
function unnamed(body: Blob): TransportRequest['body'] {
  return body as unknown as Uint8Array;
}

function asFile(value: unknown): { readonly blob: Blob; readonly filename: string | undefined } | undefined {
  if (value instanceof Blob) return { blob: value, filename: 'name' in value && typeof value.name === 'string' ? value.name : undefined };
  const bytes = bytesOf(value);
  if (bytes !== undefined) return { blob: new Blob([bytes]), filename: undefined };
  if (typeof value === 'object' && value !== null && 'data' in value && 'filename' in value && typeof value.filename === 'string') {
    refuseInherited('a file', value, FILE);
    const { data, filename, contentType } = value as {
      data: Blob | Uint8Array<ArrayBuffer> | string;
      filename: string;
      contentType?: string;
    };
    const content = typeof data === 'string' || data instanceof Blob ? data : bytesOf(data);
    if (content === undefined) throw new ParamFault("the 'data' of a file is neither a string, bytes nor a Blob");
    return { blob: new Blob([content], contentType === undefined ? {} : { type: contentType }), filename };
  }
  return undefined;
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) throw new ParamFault("the 'body' is not an object");
  // A `Map` or a list has no entries that are properties.
  if (Symbol.iterator in value) throw new ParamFault("the 'body' is a list or a map, not an object");
  // Forms have no null, so a field without a value is omitted.
  return Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
}

function fieldText(value: unknown): string {
  if (isDate(value)) return value.toISOString();
  refuseOpaque("a field of the 'body'", value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
