import type { AsyncResource } from 'node:async_hooks';

/**
 * The one door to functions that the user gave: token functions, fallbacks, predicates, listeners, instrumentation, dispatchers, sources of chance.
 *
 * A call goes on in callbacks of sockets, timers and other calls. What the user's own code finds there in an `AsyncLocalStorage` belongs to some
 * other call, often to another tenant. So the context is taken when the call is made, and entered for each function of the user's. The types make
 * it hard to forget: a sealed function can be called only through a `UserScope`.
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

/** The context in which the user's code runs. What that code throws comes through. */
export interface UserScope {
  /** Calls a function. */
  call<A extends readonly unknown[], R>(code: UserFunction<(...args: A) => R>, ...args: A): R;
  /** Calls a method of an object. */
  invoke<T extends object, K extends MethodNames<T>>(code: UserObject<T>, method: K, ...args: Arguments<T[K]>): Returned<T[K]>;
}

type MethodNames<T> = { [K in keyof T]-?: T[K] extends AnyFunction ? K : never }[keyof T];
type Arguments<F> = F extends (...args: infer A) => unknown ? A : never;
type Returned<F> = F extends (...args: never[]) => infer R ? R : never;

/** Calls in whatever context is current. */
class DirectScope implements UserScope {
  call<A extends readonly unknown[], R>(code: UserFunction<(...args: A) => R>, ...args: A): R {
    return (code as UserFunction<(...args: A) => R> & ((...args: A) => R))(...args);
  }

  invoke<T extends object, K extends MethodNames<T>>(code: UserObject<T>, method: K, ...args: Arguments<T[K]>): Returned<T[K]> {
    return invokeOn(code, method, args);
  }
}

/** Calls in the context in which it was made. */
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

/** No destroy hook: registering one costs more than the rest of the capture. */
const CAPTURE = { requireManualDestroy: true } as const;

/** Only Node and its like have it. Elsewhere the user's code runs in whatever context is current. */
const Resource = builtin('node:async_hooks')?.AsyncResource;

/** For work that runs synchronously in its caller's context, or in an async function of it. */
export const CURRENT: UserScope = new DirectScope();

/** Of a call that took no context, because no code of the user's could run later. */
export const NOT_CAPTURED: UserScope = new DirectScope();

/**
 * Takes the context that is current now. Costs 30 to 170 ns and about 80 bytes (`AsyncLocalStorage.snapshot()` costs 3 to 10 µs), so it is taken
 * only where code of the user's may run later.
 */
export function captureScope(): UserScope {
  return Resource === undefined ? CURRENT : new CapturedScope(Resource);
}

/**
 * Calls code that must change nothing, whatever it does: what it throws is dropped, and so is the rejection of a promise that it returns, which
 * would otherwise end the process. Returns what the code returned, or undefined.
 */
export function quietly<A extends readonly unknown[], R>(
  scope: UserScope,
  code: UserFunction<(...args: A) => R>,
  ...args: A
): R | undefined {
  try {
    return forgiven(scope.call(code, ...args));
  } catch {
    return undefined;
  }
}

/** Drops the rejection of a promise that the user's code returned. A promise of another library or realm, too. */
export function forgiven<R>(returned: R): R {
  if (typeof returned === 'object' && returned !== null && 'then' in returned) Promise.resolve(returned).catch(() => undefined);
  return returned;
}

/**
 * Draws from a source of chance: at least 0 and below 1. A source that throws, or returns anything else, is replaced by `Math.random` for this
 * draw, so that it cannot leave a call pending.
 */
export function chance(scope: UserScope, random: UserFunction<() => number>): number {
  try {
    const drawn: unknown = scope.call(random);
    if (typeof drawn === 'number' && drawn >= 0 && drawn <= 1) return drawn;
  } catch {
    // As for a value out of range.
  }
  return Math.random();
}

/** A module of Node's, where the platform has it. Never imported, so that a client loads in browsers and workers, too. */
export function builtin(name: 'node:async_hooks'): typeof import('node:async_hooks') | undefined;
export function builtin(name: 'node:diagnostics_channel'): typeof import('node:diagnostics_channel') | undefined;
export function builtin(name: string): unknown {
  const platform: Partial<typeof process> | undefined = typeof process === 'undefined' ? undefined : process;
  return platform?.getBuiltinModule?.(name);
}
