import type { DispatcherLike } from './types.js';

/** How long a connection may take to be made, in milliseconds; such a timeout proves that nothing was sent. */
export const CONNECT_TIMEOUT_MS = 10_000;

let shared: DispatcherLike | undefined;
let loading: Promise<DispatcherLike> | undefined;

/**
 * The agent that all clients share, so that connections are reused across tenants' clients. undici is loaded at the first call, not at
 * import: it costs 80 ms that a process that never calls need not pay. Its own header and body timeouts are off: the deadlines here cover both.
 */
export function sharedAgent(): DispatcherLike | Promise<DispatcherLike> {
  if (shared !== undefined) return shared;
  loading ??= load();
  return loading;
}

async function load(): Promise<DispatcherLike> {
  try {
    const { Agent } = await import('undici');
    shared = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, headersTimeout: 0, bodyTimeout: 0 }) as unknown as DispatcherLike;
    return shared;
  } catch (error) {
    // What failed for want of a file handle may work at the next call.
    loading = undefined;
    throw error;
  }
}
