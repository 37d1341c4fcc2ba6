import type { AsyncResource } from 'node:async_hooks';

/**
 * The one door to functions that the user gave: token functions, fallbacks, predicates, listeners, instrumentation, dispatchers, alert channels,
 * stores, sources of chance.
 *
 * A call continues in callbacks of sockets, timers and other calls. An `AsyncLocalStorage` holds the store of some other call there, often of another
 * tenant. Therefore the context is captured when the call is made, and entered for each function of the user's. The types make this hard to
 * forget, because a sealed function can be called only through a `UserScope`. `test/ci/door.test.ts` finds functions that are not sealed.
 */
declare const sealed: unique symbol;

type AnyFunction = (...args: never[]) => unknown;

/** A function that the user gave. */
export interface UserFunction<F extends AnyFunction> {
  readonly [sealed]: F;
}

/** An object with methods that the user gave. */
export interface UserObject<T extends object> {
  readonly [sealed]: T;
}

/** Seals a function, so that it can be called only through a `UserScope`. Costs nothing at run time. */
export function userFunction<F extends AnyFunction>(given: F): UserFunction<F> {
  return given as F & UserFunction<F>;
}

/** Seals an object in the same way. */
export function userObject<T extends object>(given: T): UserObject<T> {
  return given as T & UserObject<T>;
}

/** A context in which the user's code runs. Its errors pass through unchanged. */
export interface UserScope {
  /** Calls a function. */
  call<A extends readonly unknown[], R>(code: UserFunction<(...args: A) => R>, ...args: A): R;
  /** Calls a method of an object. */
  invoke<T extends object, K extends MethodNames<T>>(code: UserObject<T>, method: K, ...args: Arguments<T[K]>): Returned<T[K]>;
}

type MethodNames<T> = { [K in keyof T]-?: T[K] extends AnyFunction ? K : never }[keyof T];
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Returned<F> = F extends (...args: never[]) => infer R ? R : never;

/** Calls in the current context. */
class DirectScope implements UserScope {
  call<A extends readonly unknown[], R>(code: UserFunction<(...args: A) => R>, ...args: A): R {
    return (code as UserFunction<(...args: A) => R> & ((...args: A) => R))(...args);
  }

  invoke<T extends object, K extends MethodNames<T>>(code: UserObject<T>, method: K, ...args: Arguments<T[K]>): Returned<T[K]> {
    return invokeOn(code, method, args);
  }
}

/** Calls in the context in which the scope was made. */
class CapturedScope implements UserScope {
  readonly #resource: AsyncResource;

  constructor(Resource: typeof AsyncResource) {
    this.#resource = new Resource('FuselineCall', CAPTURE);
  }

  call<A extends readonly unknown[], R>(code: UserFunction<(...args: A) => R>, ...args: A): R {
    return this.#resource.runInAsyncScope(code as UserFunction<(...args: A) => R> & ((...args: A) => R), undefined, ...args);
  }

  invoke<T extends object, K extends MethodNames<T>>(code: UserObject<T>, method: K, ...args: Arguments<T[K]>): Returned<T[K]> {
    return this.#resource.runInAsyncScope(invokeOn<T, K>, undefined, code, method, args);
  }
}

function invokeOn<T extends object, K extends MethodNames<T>>(code: UserObject<T>, method: K, args: Arguments<T[K]>): Returned<T[K]> {
  const object = code as UserObject<T> & T;
  return (object[method] as (...args: unknown[]) => Returned<T[K]>).apply(object, args);
}

/** Without a destroy hook, which would cost more than the rest of the capture. */
const CAPTURE = { requireManualDestroy: true } as const;

/** Undefined on platforms without `node:async_hooks`. There the user's code runs in the current context. */
const Resource = builtin('node:async_hooks')?.AsyncResource;

/** For work that runs synchronously in its caller's context, or in an async function of it. */
export const CURRENT: UserScope = new DirectScope();

/** The scope of a call that captured no context, because no code of the user's can run later. */
export const NOT_CAPTURED: UserScope = new DirectScope();

/**
 * Captures the current context. This costs 30 to 170 ns and about 80 bytes (`AsyncLocalStorage.snapshot()` costs 3 to 10 µs), so it is done only
 * if code of the user's can run later.
 */
export function captureScope(): UserScope {
  return Resource === undefined ? CURRENT : new CapturedScope(Resource);
}

/**
 * Calls code whose failure must change nothing. Drops its error, and the rejection of a promise that it returns, which would otherwise end the process.
 * Returns the result of the code, or undefined if it throws.
 */
export function quietly<A extends readonly unknown[], R>(
  scope: UserScope,
  code: UserFunction<(...args: A) => R>,
  ...args: A
): R | undefined {
  try {
    return forgiven(scope.call(code, ...args), scope);
  } catch {
    return undefined;
  }
}

/**
 * Asks a function whose answer is read immediately, such as a predicate. Returns undefined if the answer is of no use: the function throws, or
 * returns a promise, which is always truthy and says nothing yet. The rejection of such a promise is dropped.
 */
export function answerOf<A extends readonly unknown[], R>(
  scope: UserScope,
  code: UserFunction<(...args: A) => R>,
  ...args: A
): R | undefined {
  try {
    const answer = scope.call(code, ...args);
    if (!isThenable(answer)) return answer;
    forgiven(answer);
  } catch {
    // Handled like a promise.
  }
  return undefined;
}

/** Drops the rejection of a promise that the user's code returned, even of a promise of another library or realm. */
export function forgiven<R>(returned: R, scope: UserScope = CURRENT): R {
  adopt(scope, returned, nothing, nothing);
  return returned;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && 'then' in value;
}

function nothing(): void {}

/**
 * Waits for what the user's code returned. Returns undefined, and calls neither function, if it is a plain value. Otherwise calls exactly one of the
 * two, once, and never before this function returns. Never throws.
 *
 * All promises of the user go through this function or through `await`, because `Promise.resolve` and `Promise.all` return a native promise
 * unchanged. Its own `then` can throw, never call back, or call back twice, and its `constructor` can throw. The same applies to thenables, and to
 * a Proxy, also a revoked one. A `then` that is not the language's own runs in `scope`: some libraries start a query there.
 */
export function adopt<R, V>(
  scope: UserScope,
  returned: R | PromiseLike<R>,
  fulfilled: (value: R) => V,
  rejected: (error: unknown) => V,
): Promise<V> | undefined {
  if (returned === null || (typeof returned !== 'object' && typeof returned !== 'function')) return undefined;
  try {
    const promise = returned as Promise<R>;
    const { then } = promise;
    if (typeof then !== 'function') return undefined;
    // Fast path. Throws for a Proxy, before it registers anything.
    if (then === nativeThen && promise.constructor === Promise) return nativeThen.call(promise, fulfilled, rejected) as Promise<V>;
  } catch {
    // Handled like a thenable: the promise below is rejected with whatever its `then` throws.
  }
  return scope.call(PROMISED, returned).then(fulfilled as (value: unknown) => V, rejected);
}

/** As `adopt`, but a plain value is waited for, too. */
export function adopted<R, V>(
  scope: UserScope,
  returned: R | PromiseLike<R>,
  fulfilled: (value: R) => V,
  rejected: (error: unknown) => V,
): Promise<V> {
  return adopt(scope, returned, fulfilled, rejected) ?? Promise.resolve(returned as R).then(fulfilled, rejected);
}

const nativeThen = Promise.prototype.then;

/** Unlike `Promise.resolve`, reads the `then` of a native promise, and ignores all but its first call back. */
const PROMISED = userFunction((returned: unknown) => new Promise<unknown>((resolve) => resolve(returned)));

/**
 * Draws from a source of chance: at least 0 and below 1. A source that throws, or returns anything else, is replaced by `Math.random` for this
 * draw, so that it cannot leave a call pending.
 */
export function chance(scope: UserScope, random: UserFunction<() => number>): number {
  const drawn: unknown = answerOf(scope, random);
  return typeof drawn === 'number' && drawn >= 0 && drawn <= 1 ? drawn : Math.random();
}

/** Returns a module of Node, or undefined on other platforms. It is never imported, so that a client also loads in browsers and workers. */
export function builtin(name: 'node:async_hooks'): typeof import('node:async_hooks') | undefined;
export function builtin(name: 'node:diagnostics_channel'): typeof import('node:diagnostics_channel') | undefined;
export function builtin(name: 'node:module'): typeof import('node:module') | undefined;
export function builtin(name: 'node:zlib'): typeof import('node:zlib') | undefined;
export function builtin(name: string): unknown {
  const platform: Partial<typeof process> | undefined = typeof process === 'undefined' ? undefined : process;
  return platform?.getBuiltinModule?.(name);
}
