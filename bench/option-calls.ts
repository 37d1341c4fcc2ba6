import type { CallOptions, ServiceClient } from '../runtime/index.js';
import { contactsGet } from './client.js';

export const params = { contactId: 'c0ffee0000000000000001' };

/** Calls with and without options of their own, made anew for each call as users write them. */
export interface OptionCall {
  readonly name: string;
  call(client: ServiceClient, at: number): Promise<unknown>;
  /** What the call is compared with; default: a call without options. */
  without?(client: ServiceClient): Promise<unknown>;
  /** The promise about it, in nanoseconds; default: it cannot be told from noise. `null`: none, the row is there to be known. */
  readonly limitNs?: number | null;
}

const { signal } = new AbortController();

function get(client: ServiceClient, options?: CallOptions): Promise<unknown> {
  return client.call(contactsGet, params, options as never);
}

export function plain(client: ServiceClient): Promise<unknown> {
  return get(client);
}

/** A signal that the call does not see costs its maker as much as one that it does. */
function withUnusedSignal(client: ServiceClient): Promise<unknown> {
  return new AbortController().signal.aborted ? Promise.reject(new Error('unreachable')) : get(client);
}

export const OPTION_CALLS: readonly OptionCall[] = [
  { name: '{ timeoutMs }', call: (client) => get(client, { timeoutMs: 5_000 }) },
  { name: '{ fallback: false }', call: (client) => get(client, { fallback: false }) },
  { name: '{ retry: false }', call: (client) => get(client, { retry: false }) },
  { name: '{ signal }, one for all calls', call: (client) => get(client, { signal }) },
  {
    name: '{ signal }, a new one for each call',
    call: (client) => get(client, { signal: new AbortController().signal }),
    without: withUnusedSignal,
  },
  { name: '{ headers }', call: (client) => get(client, { headers: { 'x-request-id': 'b0a0c1f2' } }), limitNs: 700 },
  { name: '{ timeoutMs }, another for each call', call: (client, at) => get(client, { timeoutMs: 5_000 + (at % 1_000) }), limitNs: null },
  { name: '{ timeoutMs, retry: false, signal }', call: (client) => get(client, { timeoutMs: 5_000, retry: false, signal }), limitNs: null },
];
