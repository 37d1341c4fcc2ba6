import type { Fault } from './weather.js';

/** What the server saw in one round. */
export interface Ledger {
  /** Requests with an id. */
  readonly calls: Readonly<Record<string, Seen>>;
  /** All requests, by what was done to them. */
  readonly faults: Readonly<Partial<Record<Fault, number>>>;
  /** Exchanges that the client ended before the server had sent everything. */
  readonly closedByClient: number;
  /** Exchanges that have not ended. */
  readonly open: number;
  /** Connections that are open. */
  readonly connections: number;
}

/** What the server saw of one call. */
export interface Seen {
  /** Requests. */
  count: number;
  /** Of those, answers that were given whole and good. */
  answered: number;
  /** Idempotency keys, each once. */
  keys: string[];
}

/** What the soak asks of the server's process. */
export type Question = { readonly ask: 'start' | 'calm' | 'ledger' | 'forget' };

/** What the server's process says. */
export type Word = { readonly origin: string } | { readonly ledger: Ledger };
