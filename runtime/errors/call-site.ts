import { FuselineError } from './base.js';

/** The place in the user's code where a call was made. The engine writes `stack` as text when it is first read, so a call that succeeds costs little. */
export interface CallSite {
  readonly stack?: string;
}

/** Any function that is on the stack. */
type Below = (...args: never[]) => unknown;

/** Captures the place that called the function `below`. Its own frame and those inside of it are left out. Costs 1 to 5 microseconds. */
export function callSite(below: Below): CallSite {
  const site: CallSite = {};
  // Older Firefox has none. There the stack begins inside of fuseline.
  if (typeof Error.captureStackTrace !== 'function') return { stack: String(new Error().stack) };
  Error.captureStackTrace(site, below);
  return site;
}

/** Errors that have a caller: calls that share a request share its error. */
const shown = new WeakSet<Error>();

/** Adds the caller's frames to the stack of an error of fuseline. An error of the user's own is not changed. Returns the error. */
export function showCallSite<E>(error: E, { stack = '' }: CallSite): E {
  if (!(error instanceof FuselineError) || shown.has(error)) return error;
  shown.add(error);
  const from = stack.indexOf('\n    at ');
  const frames = from === -1 ? '' : stack.slice(from);
  const first = frames.split('\n', 2)[1] ?? '';
  const own = String(error.stack);
  // An error that was made within the call has the frames already. A frozen one stays as it is.
  if (first !== '' && !own.includes(first)) Reflect.set(error, 'stack', own + frames);
  return error;
}

/** As the call that `run` starts, but an error of fuseline has the frames of the caller of `below`. */
export async function withCallSite<T>(below: Below, run: () => Promise<T>): Promise<T> {
  const site = callSite(below);
  try {
    return await run();
  } catch (error) {
    throw showCallSite(error, site);
  }
}

/** The default of `captureStack`. `environment`: the name of the environment; undefined is production, as most servers name none. */
export function isDevelopment(environment: string | undefined): boolean {
  return environment === 'development' || environment === 'dev';
}

/** As `isDevelopment`, of the process: `FUSELINE_ENV`, else `NODE_ENV`. */
export function inDevelopment(): boolean {
  if (typeof process === 'undefined') return false;
  const { FUSELINE_ENV, NODE_ENV } = process.env;
  return isDevelopment(FUSELINE_ENV ?? NODE_ENV);
}
