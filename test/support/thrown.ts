/** Returns a Proxy that throws whenever it is looked at, even by `instanceof` and `Array.isArray`. */
export function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** Values that code can throw or return, and that break careless readers of errors. */
export const HOSTILE: readonly [name: string, make: () => unknown][] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['a symbol', () => Symbol('fault')],
  ['an object without a prototype', () => Object.create(null)],
  ['a revoked Proxy', revoked],
  [
    'an error with getters that throw',
    () =>
      Object.defineProperties(new Error('fault'), {
        code: { get: () => broken() },
        message: { get: () => broken() },
        name: { get: () => broken() },
      }),
  ],
];

function broken(): never {
  throw new Error('broken');
}
