import { builtin } from '../../user-code.js';

/** The module undici. */
export type Undici = typeof import('undici');

/** Where undici stores the dispatcher that `fetch` uses. */
const GLOBAL_DISPATCHER = Symbol.for('undici.globalDispatcher.1');

/** Globals of Node whose first use loads its own undici. A program can replace each of them. */
const FROM_NODES_UNDICI = ['Response', 'Request', 'Headers', 'FormData'] as const;

/**
 * Loads undici. Use no other import of it: the program's own `fetch` must not notice. The first undici of a process makes the dispatcher of the global
 * `fetch`, and the fetch of Node would then run on an undici for which it was not built. A large body can end the process in that case
 * (`assert(!this.paused)`). So Node's own undici is loaded first.
 */
export async function loadUndici(): Promise<Undici> {
  // Not in the same tick: a constructor need not wait for it.
  await undefined;
  for (const name of FROM_NODES_UNDICI) {
    if (GLOBAL_DISPATCHER in globalThis) break;
    Reflect.get(globalThis, name);
  }
  return imported();
}

/** A file of undici that could not be opened for want of file descriptors. */
let unopened: string | undefined;

/**
 * Imports undici. If the process has no file descriptor left, the load fails, and a later one can succeed. Node 20 keeps the failed import for good and
 * gives its error to every later one. There, undici is loaded by `require`, which keeps no failure: it is CommonJS.
 */
async function imported(): Promise<Undici> {
  try {
    return await import('undici');
  } catch (error) {
    const before = unopened;
    unopened ??= pathOf(error);
    if (before === undefined) throw error;
    const node = builtin('node:module');
    if (node === undefined) throw error;
    // From within undici, its name is found wherever it is installed.
    return node.createRequire(before)('undici') as Undici;
  }
}

function pathOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, path } = error as { readonly code?: unknown; readonly path?: unknown };
  return (code === 'EMFILE' || code === 'ENFILE') && typeof path === 'string' ? path : undefined;
}
