import type { DispatcherLike } from './types.js';

/** Limit for opening a connection, in milliseconds. After this timeout it is certain that nothing was sent. */
export const CONNECT_TIMEOUT_MS = 10_000;

let agent: DispatcherLike | undefined;
let loadingAgent: Promise<DispatcherLike> | undefined;
let overFetch: DispatcherLike | undefined;

/** Returns the agent that all clients share; undefined if it is not loaded yet. */
export function loadedAgent(): DispatcherLike | undefined {
  return agent;
}

/** Returns the transport that uses the global `fetch`; undefined if it is not loaded yet. */
export function loadedFetch(): DispatcherLike | undefined {
  return overFetch;
}

/**
 * Returns the agent that all clients share, so that the clients of all tenants reuse connections. undici is loaded when the first client is made, not
 * at import, because loading takes 80 ms, and several times as long on a busy machine. Its header and body timeouts are off: fuseline's own deadlines cover both.
 */
export function sharedAgent(): Promise<DispatcherLike> {
  loadingAgent ??= loadAgent();
  return loadingAgent;
}

async function loadAgent(): Promise<DispatcherLike> {
  try {
    const { Agent } = await import('undici');
    agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, headersTimeout: 0, bodyTimeout: 0 }) as unknown as DispatcherLike;
    return agent;
  } catch (error) {
    // If loading failed because of too many open files, it can succeed at the next call.
    loadingAgent = undefined;
    throw error;
  }
}

/** Returns the transport that uses the global `fetch`. It is loaded at the first call. */
export async function sharedFetch(): Promise<DispatcherLike> {
  overFetch ??= (await import('./fetch.js')).fetchTransport;
  return overFetch;
}
