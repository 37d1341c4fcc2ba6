/** Returns whether a value of the user's passes a test that reads it. A value that cannot be read, such as a revoked Proxy, does not pass. */
export function passes<V>(test: (value: V) => boolean, value: V): boolean {
  try {
    return test(value);
  } catch {
    return false;
  }
}

/** Returns true for an object that is no list. Never throws, unlike `Array.isArray`. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && passes(isNoList, value);
}

const isNoList = (value: object): boolean => !Array.isArray(value);

/** Returns false for a revoked Proxy: every look at it throws, even `Array.isArray`. */
export function isReadable(value: unknown): boolean {
  return passes(isAny, value);
}

const isAny = (value: unknown): boolean => Array.isArray(value) || true;

/** Returns true for a list. Never throws. */
export function isList(value: unknown): value is readonly unknown[] {
  return passes(Array.isArray, value);
}

/** Returns true for an instance of a class. Never throws, unlike `instanceof`. */
export function isInstance<T>(value: unknown, of: abstract new (...args: never[]) => T): value is T {
  try {
    return value instanceof of;
  } catch {
    return false;
  }
}
