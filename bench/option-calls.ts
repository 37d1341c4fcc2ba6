import type { CallOptions, ClientOptions, ServiceClient } from '../runtime/index.js';
import { contactsGet } from './client.js';

export const params = { contactId: 'c0ffee0000000000000001' };

/** Calls with and without options of their own, made anew for each call as users write them. */
export interface OptionCall {
  readonly name: string;
  call(client: ServiceClient, at: number): Promise<unknown>;
  /** What the call is compared with; default: a call without options. */
  without?(client: ServiceClient): Promise<unknown>;
  /** The promise about it, in nanoseconds. Default: `OF_A_GET`. `null`: none, the row is there to be known. */
  readonly limitNs?: number | null;
}

/** 1 % of a GET over a socket, in nanoseconds. No measurement over a socket tells it from noise. */
export const OF_A_GET = 300;

const { signal } = new AbortController();

function get(client: ServiceClient, options?: CallOptions): Promise<unknown> {
  return client.call(contactsGet, params, options as never);
}

export function plain(client: ServiceClient): Promise<unknown> {
  return get(client);
}

/** The least that following a signal costs: the platform's listener, which has to go when the call ends. */
async function followed(client: ServiceClient, signal: AbortSignal): Promise<unknown> {
  const onAbort = (): void => undefined;
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await get(client);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

export const OPTION_CALLS: readonly OptionCall[] = [
  { name: '{ timeoutMs }', call: (client) => get(client, { timeoutMs: 5_000 }) },
  { name: '{ fallback: false }', call: (client) => get(client, { fallback: false }) },
  { name: '{ retry: false }', call: (client) => get(client, { retry: false }) },
  {
    name: '{ signal }, against a listener by hand',
    call: (client) => get(client, { signal }),
    without: (client) => followed(client, signal),
  },
  {
    name: '{ signal } of each call, against the same',
    call: (client) => get(client, { signal: new AbortController().signal }),
    without: (client) => followed(client, new AbortController().signal),
    // A signal that one call follows costs what a signal that many follow needs.
    limitNs: null,
  },
  { name: '{ headers }', call: (client) => get(client, { headers: { 'x-request-id': 'b0a0c1f2' } }), limitNs: 700 },
  { name: '{ timeoutMs }, another for each call', call: (client, at) => get(client, { timeoutMs: 5_000 + (at % 1_000) }), limitNs: null },
  { name: '{ timeoutMs, retry: false, signal }', call: (client) => get(client, { timeoutMs: 5_000, retry: false, signal }), limitNs: null },
];

/** Options of a client that cost each of its calls something. */
export interface OptionClient {
  readonly name: string;
  readonly options: ClientOptions;
  /** The promise about a call, in nanoseconds. */
  readonly limitNs: number;
}

export const OPTION_CLIENTS: readonly OptionClient[] = [
  { name: "redirects: 'follow'", options: { redirects: 'follow' }, limitNs: 1_000 },
  // docs/policies/events.md promises 1 to 5 µs.
  { name: 'captureStack: true', options: { captureStack: true }, limitNs: 5_000 },
];
