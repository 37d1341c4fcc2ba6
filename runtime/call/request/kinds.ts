import { ParamFault } from './param-fault.js';

/** Kinds of values, by the tag of the language. Unlike `instanceof`, it also recognizes values of another realm, such as a `vm` context. */

/** Returns the kind of an object: `Object`, `Date`, `Uint8Array`, `Map`, ... */
function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Objects whose JSON would be `{}`, or would not mean what was given. Promises are here because of a forgotten `await`. */
const NO_JSON: ReadonlySet<string> = new Set([
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Promise',
  'Blob',
  'File',
  'FormData',
  'URLSearchParams',
  'Headers',
  'RegExp',
  'Error',
]);

/** @throws {ParamFault} for a value that JSON or text would silently change. `what` names it in the message. */
export function refuseOpaque(what: string, value: unknown): void {
  if (typeof value === 'function' || typeof value === 'symbol') throw new ParamFault(`${what} is a ${typeof value}, which cannot be sent`);
  if (typeof value !== 'object' || value === null || isPlain(value) || 'toJSON' in value) return;
  const tag = tagOf(value);
  if (tag === 'Object' || tag === 'Array') return;
  if (NO_JSON.has(tag) || isBinary(value, tag)) throw new ParamFault(`${what} is a ${tag}, which cannot be sent here`);
}

/** Returns true for almost every body, without making the text of its tag. */
function isPlain(value: object): boolean {
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

export function isDate(value: unknown): value is Date {
  return typeof value === 'object' && value !== null && (value instanceof Date || tagOf(value) === 'Date');
}

/** Returns true for an object of one of these kinds, of whatever realm or polyfill. */
export function isA(value: unknown, ...kinds: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && kinds.includes(tagOf(value));
}

/**
 * Returns a copy of the bytes of an `ArrayBuffer`, of a `Buffer` or of any other view; undefined for anything else. A copy, because a retry must send
 * the same bytes, and the caller can use the buffer again.
 */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof value !== 'object' || value === null || !isBinary(value, tagOf(value))) return undefined;
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value as ArrayBuffer);
  return new Uint8Array(bytes);
}

function isBinary(value: object, tag: string): boolean {
  return ArrayBuffer.isView(value) || tag === 'ArrayBuffer' || tag === 'SharedArrayBuffer';
}
