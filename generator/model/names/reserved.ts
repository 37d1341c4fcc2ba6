/** Members of `Object.prototype`. A method or property with one of these names would change how values behave. */
const OBJECT_MEMBERS = [
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toLocaleString',
  'toString',
  'valueOf',
  '__proto__',
  '__defineGetter__',
  '__defineSetter__',
  '__lookupGetter__',
  '__lookupSetter__',
];

/** Methods with these names would turn an object into a promise or change its JSON. */
const PROTOCOL_MEMBERS = ['then', 'catch', 'finally', 'toJSON', 'prototype'];

/** Names that no generated method has unchanged. */
export const RESERVED_METHODS: ReadonlySet<string> = new Set([...OBJECT_MEMBERS, ...PROTOCOL_MEMBERS]);

/** Members of `ServiceClient`. */
const CLIENT_MEMBERS = ['call', 'withOptions', 'describe', 'breaker', 'circuits', 'subscribe', 'reset', 'ready', 'close', 'toJSON'];

/** File names that Windows refuses. A namespace is a file. */
const DEVICE_NAMES = ['con', 'prn', 'aux', 'nul', ...[1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((n) => [`com${n}`, `lpt${n}`])];

/** Names that no namespace has, in lower case. */
export const RESERVED_NAMESPACES: ReadonlySet<string> = new Set(
  [...OBJECT_MEMBERS, ...PROTOCOL_MEMBERS, ...CLIENT_MEMBERS, ...DEVICE_NAMES].map((name) => name.toLowerCase()),
);

/** Returns why no namespace or method has this name, as it follows "because". */
export function whyReserved(name: string): string {
  const isOneOf = (names: readonly string[]): boolean => names.some((other) => other.toLowerCase() === name.toLowerCase());
  if (isOneOf(CLIENT_MEMBERS)) return `every client has a member \`${name}\``;
  if (isOneOf(DEVICE_NAMES)) return `Windows refuses a file named ${name}`;
  return `\`${name}\` has a meaning on every object`;
}

/** Words that cannot name a constant, and runtime exports that generated modules import. */
export const RESERVED_CONSTANTS: ReadonlySet<string> = new Set([
  ...'break case catch class const continue debugger default delete do else enum export extends false finally for function if import in'.split(
    ' ',
  ),
  ...'instanceof new null return super switch this throw true try typeof var void while with yield let static await async of'.split(' '),
  ...'implements interface package private protected public undefined arguments eval globalThis'.split(' '),
  ...'call lastGood value chain defaultRegistry systemClock http operations mockTransport fetch process console'.split(' '),
]);

/** Globals of TypeScript and exports of the runtime. A type with one of these names would shadow them in generated modules. */
export const RESERVED_TYPES: ReadonlySet<string> = new Set([
  ...'Object Function Array String Number Boolean Symbol BigInt Date RegExp Map Set WeakMap WeakSet WeakRef Promise Proxy Reflect'.split(
    ' ',
  ),
  ...'Error AggregateError TypeError RangeError SyntaxError ReferenceError EvalError URIError JSON Math Intl Atomics Iterator'.split(' '),
  ...'ArrayBuffer SharedArrayBuffer DataView Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array'.split(' '),
  ...'Float64Array BigInt64Array BigUint64Array Uint8ClampedArray Buffer Generator AsyncGenerator AsyncIterable Iterable'.split(' '),
  ...'Partial Required Readonly Record Pick Omit Exclude Extract NonNullable Parameters ReturnType InstanceType Awaited'.split(' '),
  ...'ThisType Uppercase Lowercase Capitalize Uncapitalize NoInfer PromiseLike ArrayLike ReadonlyArray ReadonlyMap ReadonlySet'.split(' '),
  ...'Event EventTarget CustomEvent Blob File FileList FormData Headers Request Response URL URLSearchParams AbortSignal'.split(' '),
  ...'AbortController ReadableStream WritableStream TransformStream TextEncoder TextDecoder WebSocket Infinity NaN NodeJS'.split(' '),
  ...'Disposable AsyncDisposable'.split(' '),
  ...'Operation HttpError CallOptions ApiPromise Result Fallback FileInput ServiceClient ServiceDefinition ServicePolicies'.split(' '),
  ...'ClientOptions Caller FuselineError CircuitOpenError TimeoutError RetryExhaustedError NetworkError ResponseParseError'.split(' '),
  ...'AbortError CircuitBreaker BreakerRegistry Clock FakeClock PolicyLayer PolicyValues ParamDescriptor HttpMethod'.split(' '),
  ...'BodyDescriptor ResponseDescriptor SecurityDescriptor HttpResponse HttpHandler RequestHandler WithRequired OneOf'.split(' '),
]);
