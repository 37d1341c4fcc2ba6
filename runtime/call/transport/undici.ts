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
  return import('undici');
}
