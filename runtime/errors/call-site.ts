import { FuselineError } from './base.js';
import { RetryExhaustedError } from './call-errors.js';

/**
 * The place in the user's code where a call was made. The engine writes `stack` as text when it is first read, so a call that succeeds costs little.
 *
 * Both capturing and reading can run `Error.prepareStackTrace` of the user's, which can throw and return anything. Then there is no stack.
 */
export interface CallSite {
  readonly stack?: unknown;
}

/** Any function that is on the stack. */
type Below = (...args: never[]) => unknown;

/** Captures the place that called the function `below`. Its own frame and those inside of it are left out. Costs 1 to 5 microseconds. */
export function callSite(below: Below): CallSite {
  const site: CallSite = {};
  try {
    // Older Firefox has none. There the stack begins inside of fuseline.
    if (typeof Error.captureStackTrace !== 'function') return { stack: new Error().stack };
    Error.captureStackTrace(site, below);
  } catch {
    // A call without its place is better than none.
  }
  return site;
}

/** Errors that have a caller: calls that share a request share its error. */
const shown = new WeakSet<Error>();

/**
 * Gives the stack of an error of fuseline the caller's frames, and the errors of its attempts, too. An error of the user's own is not changed. Returns
 * the error. Never throws.
 */
export function showCallSite<E>(error: E, site: CallSite): E {
  try {
    if (error instanceof FuselineError && !shown.has(error)) addFrames(error, textOf(site.stack));
  } catch {
    // The error keeps the stack that it has.
  }
  return error;
}

function addFrames(error: FuselineError, stack: string): void {
  shown.add(error);
  if (error instanceof RetryExhaustedError) for (const each of error.errors) showCallSite(each, { stack });
  const from = stack.indexOf(FRAME);
  if (from === -1) return;
  const own = textOf(error.stack);
  const head = `${error.name}: ${error.message}`;
  // Frames of an error that was made within the call are of fuseline's inside. A frozen error stays as it is.
  Reflect.set(error, 'stack', (own.startsWith(head) ? head : own) + framesOfCaller(stack.slice(from), error.operation));
}

function textOf(stack: unknown): string {
  return typeof stack === 'string' ? stack : '';
}

const FRAME = '\n    at ';

/** Leaves out the frame of the generated method, such as `ContactsApi.get` of `contacts.get`: its caller is the user's code. */
function framesOfCaller(frames: string, operation: string | undefined): string {
  const method = /^\n {4}at \w*Api\.(\w+) /.exec(frames)?.[1];
  const next = frames.indexOf(FRAME, 1);
  return next !== -1 && method !== undefined && operation?.split('.').at(-1) === method ? frames.slice(next) : frames;
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
