/** Values with which the user's code can surprise whoever waits for them. Each name says what is wrong. */

const refuse = (what: string): never => {
  throw new Error(what);
};

type Then = (fulfilled: (value: unknown) => void, rejected: (error: unknown) => void) => unknown;

/** A thenable that is no promise. */
const thenable = (target: object, then: Then): object => Object.defineProperty(target, 'then', { value: then });

/** A native promise with a `then` of its own. */
export function ownThen(then: (fulfilled: (value: unknown) => void, rejected: (error: unknown) => void) => unknown): Promise<unknown> {
  const promise = Promise.resolve('not this');
  return Object.defineProperty(promise, 'then', { value: then });
}

export function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** What waits, and must give this value. */
export const GIVING: readonly (readonly [string, (value: string) => unknown])[] = [
  ['a native promise', (value) => Promise.resolve(value)],
  ['a native promise whose own then calls back twice', (value) => ownThen((ok) => [ok(value), ok('again')])],
  ['a native promise whose own then calls back once more, later', (value) => ownThen((ok) => [ok(value), setImmediate(ok, 'again')])],
  [
    'a native promise whose own then throws after it called back',
    (value) =>
      ownThen((ok) => {
        ok(value);
        refuse('then');
      }),
  ],
  ['a thenable that fulfils and rejects', (value) => thenable({}, (ok, no) => [ok(value), no(new Error('too'))])],
  [
    'a function with then',
    (value) =>
      thenable(
        () => undefined,
        (ok) => ok(value),
      ),
  ],
];

/** What waits, and must count as a rejection. */
export const REJECTING: readonly (readonly [string, () => unknown])[] = [
  [
    'a native promise whose constructor throws',
    () => Object.defineProperty(Promise.resolve('not this'), 'constructor', { get: () => refuse('constructor') }),
  ],
  ['a rejected promise', () => Promise.reject(new Error('rejected'))],
  ['a native promise whose own then throws', () => ownThen(() => refuse('then'))],
  [
    'a native promise with a getter then that throws',
    () => Object.defineProperty(Promise.resolve(), 'then', { get: () => refuse('then') }),
  ],
  ['an object with a getter then that throws', () => Object.defineProperty({}, 'then', { get: () => refuse('then') })],
  ['a proxy of a promise', () => new Proxy(Promise.resolve('not this'), {})],
  [
    'a proxy that throws',
    () => new Proxy({}, { get: () => refuse('get'), has: () => refuse('has'), getPrototypeOf: () => refuse('prototype') }),
  ],
  ['a revoked proxy', revoked],
  [
    'a function with a then that rejects',
    () =>
      thenable(
        () => undefined,
        (_, no) => no(new Error('no')),
      ),
  ],
  ['a thenable that throws', () => thenable({}, () => refuse('then'))],
];
