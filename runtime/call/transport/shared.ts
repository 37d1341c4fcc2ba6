import type { DispatcherLike } from './types.js';

/** How long a connection may take to be made, in milliseconds; such a timeout proves that nothing was sent. */
export const CONNECT_TIMEOUT_MS = 10_000;

let agent: DispatcherLike | undefined;
let loadingAgent: Promise<DispatcherLike> | undefined;
let overFetch: DispatcherLike | undefined;

/**
 * The agent that all clients share, so that connections are reused across tenants' clients. undici is loaded at the first call, not at
 * import: it costs 80 ms that a process that never calls need not pay. Its own header and body timeouts are off: the deadlines here cover both.
 */
export function sharedAgent(): DispatcherLike | Promise<DispatcherLike> {
  if (agent !== undefined) return agent;
  loadingAgent ??= loadAgent();
  return loadingAgent;
}

async function loadAgent(): Promise<DispatcherLike> {
  try {
    const { Agent } = await import('undici');
    agent = new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, headersTimeout: 0, bodyTimeout: 0 }) as unknown as DispatcherLike;
    return agent;
  } catch (error) {
    // What failed for want of a file handle may work at the next call.
    loadingAgent = undefined;
    throw error;
  }
}

/** The transport over the global `fetch`, loaded at the first call, too. */
export function sharedFetch(): DispatcherLike | Promise<DispatcherLike> {
  return (
    overFetch ??
    import('./fetch.js').then(({ fetchTransport }) => {
      overFetch = fetchTransport;
      return overFetch;
    })
  );
}
