import { builtin } from '../../user-code.js';

type Undici = typeof import('undici');

/** A file of undici that could not be opened for want of file descriptors. */
let unopened: string | undefined;

/**
 * Loads undici. If the process has no file descriptor left, the load fails, and a later one can succeed. Node 20 keeps the failed import for good and
 * gives its error to every later one. There, undici is loaded by `require`, which keeps no failure: it is CommonJS.
 */
export async function loadUndici(): Promise<Undici> {
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
