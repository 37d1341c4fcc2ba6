import { ConfigurationError } from '../../errors/configuration-error.js';
import { type Connector, endsWithAborted } from './connector.js';
import type { DispatcherLike, SharedAgent } from './types.js';
import { loadUndici, type Undici } from './undici.js';

/** Limit for opening a connection, in milliseconds. After this timeout it is certain that nothing was sent. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** Most connections per origin. A vendor that hangs would otherwise get as many as there are calls, and the process run out of file descriptors. */
export const MAX_CONNECTIONS = 256;

let agent: SharedAgent | undefined;
/** Clients that use the agent and are not closed. */
let holders = 0;
let loadingAgent: Promise<DispatcherLike> | undefined;
let overFetch: DispatcherLike | undefined;

/** Returns the agent that all clients share; undefined if it is not loaded yet. */
export function loadedAgent(): SharedAgent | undefined {
  return agent;
}

/** Returns the transport that uses the global `fetch`; undefined if it is not loaded yet. */
export function loadedFetch(): DispatcherLike | undefined {
  return overFetch;
}

/** Returns true if the shared agent is the transport that uses `fetch`, because undici is a stub here. False while it is not loaded. */
export function agentIsFetch(): boolean {
  return agent !== undefined && agent === overFetch;
}

/**
 * Returns the agent that all clients share, so that the clients of all tenants reuse connections. undici is loaded when the first client is made, not
 * at import, because loading takes 80 ms, and several times as long on a busy machine. Where undici is a stub without `dispatch`, as in Bun, it is the
 * transport that uses `fetch`. Its header and body timeouts are off: fuseline's own deadlines cover both.
 */
export function sharedAgent(): Promise<DispatcherLike> {
  loadingAgent ??= loadAgent();
  return loadingAgent;
}

async function loadAgent(): Promise<DispatcherLike> {
  try {
    const undici = await loadUndici();
    agent = canDispatch(undici) ? await makeAgent(undici) : await sharedFetch();
    return agent;
  } catch (error) {
    // If loading failed because of too many open files, it can succeed at the next call. See `loadUndici`.
    loadingAgent = undefined;
    throw error;
  }
}

async function makeAgent(undici: Undici): Promise<SharedAgent> {
  const limits = { headersTimeout: 0, bodyTimeout: 0, connections: maxConnections() };
  const direct = new undici.Agent({ ...limits, connect: connectOptions(undici) }) as SharedAgent;
  if (!usesProxy()) return direct;
  const { EnvironmentProxies } = await import('./proxies.js');
  return new EnvironmentProxies(environment(), direct, undici, limits);
}

function connectOptions(undici: Undici): Connector | { readonly timeout: number } {
  const options = { timeout: CONNECT_TIMEOUT_MS };
  try {
    return endsWithAborted(undici.buildConnector(options));
  } catch {
    // A program's mock of undici can have an agent and nothing else.
    return options;
  }
}

/** Returns false for a stub of undici: its agent is missing, or has no `dispatch`. */
function canDispatch({ Agent }: Partial<Undici>): boolean {
  return Agent !== undefined && 'dispatch' in Agent.prototype;
}

/** Returns the number of `FUSELINE_MAX_CONNECTIONS`; the default if it is not set. @throws {ConfigurationError} if it is no whole number from 1. */
function maxConnections(): number {
  const given = environment()['FUSELINE_MAX_CONNECTIONS'];
  if (given === undefined || given === '') return MAX_CONNECTIONS;
  const count = Number(given);
  if (Number.isSafeInteger(count) && count >= 1) return count;
  throw new ConfigurationError('FUSELINE_MAX_CONNECTIONS', given, 'a whole number of at least 1');
}

/** The variables that name a proxy. `NO_PROXY` alone changes nothing. */
export const PROXY_VARIABLES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'] as const;

function usesProxy(): boolean {
  const variables = environment();
  return PROXY_VARIABLES.some((name) => (variables[name] ?? '') !== '');
}

function environment(): Readonly<Record<string, string | undefined>> {
  return typeof process === 'undefined' ? {} : process.env;
}

/** Returns the transport that uses the global `fetch`. It is loaded at the first call. */
export async function sharedFetch(): Promise<DispatcherLike> {
  overFetch ??= (await import('./fetch.js')).fetchTransport;
  return overFetch;
}

/** Called when a client is made that uses the agent. */
export function holdAgent(): void {
  holders++;
}

/** Called when such a client has closed. The last one closes the connections. A later client gets a new agent. */
export function releaseAgent(): void {
  holders--;
  if (holders > 0 || agent === undefined) return;
  const unused = agent;
  agent = undefined;
  loadingAgent = undefined;
  unused.close?.().catch(() => undefined);
}
