/** The function and the dispatcher that were last found to be the platform's own. */
let known: unknown = null;
let plain: unknown = null;

/**
 * Whether the global `fetch` sends what it is given, and nothing else: the platform's own function, with no dispatcher of the user's behind it. It is
 * recognised by its text, because a patch can be older than this module. If in doubt, false.
 */
export function isPlatformFetch(): boolean {
  const { fetch } = globalThis as { readonly fetch?: unknown };
  if (fetch !== known) {
    if (typeof fetch !== 'function' || !isOfPlatform(fetch)) return false;
    known = fetch;
  }
  for (const key of GLOBAL_DISPATCHERS) {
    const dispatcher: unknown = (globalThis as Record<symbol, unknown>)[key];
    if (dispatcher === undefined || dispatcher === plain) continue;
    if (!isPlainAgent(dispatcher)) return false;
    plain = dispatcher;
  }
  return true;
}

/** Node's fetch loads undici from a path that only Node can. The fetch of other platforms is native; the text of a bound function has no name. */
const OF_PLATFORM =
  /^function fetch\(\) \{\s*\[native code\]\s*\}$|^(?:async )?function fetch\([\s\S]*\brequire\('internal\/deps\/undici\/undici'\)/;

function isOfPlatform(fetch: object): boolean {
  return OF_PLATFORM.test(Function.prototype.toString.call(fetch));
}

/** Where `setGlobalDispatcher` of undici puts a dispatcher. Node's fetch takes it from there. */
const GLOBAL_DISPATCHERS: readonly symbol[] = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

/** Whether a dispatcher is undici's `Agent`: not composed with interceptors, no other class, and with clients of its own. */
function isPlainAgent(dispatcher: unknown): boolean {
  if (typeof dispatcher !== 'object' || dispatcher === null) return false;
  const parent: unknown = Object.getPrototypeOf(dispatcher);
  if (typeof parent !== 'object' || parent === null) return false;
  const { dispatch } = dispatcher as { readonly dispatch?: unknown };
  const { constructor: made, dispatch: own } = parent as {
    readonly constructor?: { readonly name?: unknown };
    readonly dispatch?: unknown;
  };
  return made?.name === 'Agent' && dispatch === own && makesOwnClients(dispatcher);
}

/** Whether an `Agent` has no `factory` of the user's, which could make anything. */
function makesOwnClients(agent: object): boolean {
  const key = Object.getOwnPropertySymbols(agent).find(({ description }) => description === 'factory');
  const factory: unknown = key === undefined ? undefined : (agent as Record<symbol, unknown>)[key];
  return typeof factory === 'function' && factory.name === 'defaultFactory';
}
