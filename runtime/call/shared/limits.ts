import { livePolicies } from '../../config/live/live-policies.js';
import type { PolicyValues } from '../../config/types.js';
import { Bulkhead } from '../../policies/bulkhead/bulkhead.js';
import { Places } from '../../policies/bulkhead/places.js';
import { Flights } from '../../policies/coalesce/flights.js';
import { Sharing } from '../../policies/coalesce/sharing.js';
import type { QueueCircuit } from '../../policies/queue/queued-flow.js';
import { RateLimiter } from '../../policies/rate-limit/rate-limiter.js';
import { Tokens } from '../../policies/rate-limit/tokens.js';
import { circuitName } from '../circuit-name.js';
import type { Operation } from '../client/descriptor.js';
import type { ClientParts } from '../client-parts.js';
import type { RequestFlow } from '../flow.js';
import type { CompiledOperation } from '../operation.js';
import type { OptionalLinks } from '../optional-links.js';
import type { Preparing } from '../preparing.js';
import { RequestSharer } from '../request-sharer.js';
import { addBulkhead, addLimiter } from './limit-counters.js';
import { LimitFamilies } from './limit-families.js';
import { sharedState } from './shared-state.js';

/** Creates the optional links of an operation. */
export function optionalLinks(op: CompiledOperation, shares: boolean, preparing: Preparing, circuit: QueueCircuit): OptionalLinks {
  const { events, place, stats } = op;
  const { bulkhead, limiter } = limitsOf(op);
  const sharer = new RequestSharer(preparing);
  const tokens = limiter === undefined ? undefined : new Tokens<RequestFlow>(limiter, events, place, stats, circuit);
  const places = bulkhead === undefined ? undefined : new Places<RequestFlow>(bulkhead, events, place, stats, circuit);
  const sharing = shares ? new Sharing<RequestFlow>(flightsOf(op), sharer) : undefined;
  if (sharing !== undefined) sharer.link = sharing;
  return { sharing, places, tokens };
}

/** The limits of an operation. Operations with the same limits share them. */
export interface Limits {
  readonly bulkhead: Bulkhead | undefined;
  readonly limiter: RateLimiter | undefined;
}

const made = new WeakMap<CompiledOperation, Limits>();

function limitsOf(op: CompiledOperation): Limits {
  let limits = made.get(op);
  if (limits === undefined) {
    const { client, operation, policy, origin } = op;
    limits = {
      bulkhead: policy.bulkheadMaxConcurrent === null ? undefined : obtainBulkhead(client, operation, policy, origin),
      limiter: policy.rateLimitEnabled ? obtainLimiter(client, operation, policy, origin) : undefined,
    };
    made.set(op, limits);
  }
  return limits;
}

/** Releases the limits of an operation that was compiled again, because its limits can have changed. */
export function outdateLimits(op: CompiledOperation, version: number): void {
  const limits = made.get(op);
  if (limits === undefined) return;
  const { bulkheads, limiters } = sharedState(op.client.registry);
  if (limits.bulkhead !== undefined) bulkheads?.outdate(limits.bulkhead.name, version);
  if (limits.limiter !== undefined) limiters?.outdate(limits.limiter.name, version);
}

const flights = new WeakMap<ClientParts, Map<string, Flights>>();

/**
 * Returns the requests that are in flight for an operation of one client. Clients do not share them: another client can have another transport and
 * other options. The two chains of an operation, and those that a reload builds, do.
 */
function flightsOf({ client, operation, origin }: CompiledOperation): Flights {
  let ofClient = flights.get(client);
  if (ofClient === undefined) {
    ofClient = new Map();
    flights.set(client, ofClient);
  }
  const key = `${operation.id}\n${operation.method} ${origin}`;
  let found = ofClient.get(key);
  if (found === undefined) {
    found = new Flights();
    ofClient.set(key, found);
  }
  return found;
}

/**
 * Returns the bulkhead of an operation. Clients of one service and origin with equal settings share it. A client with other settings has its own.
 */
function obtainBulkhead(client: ClientParts, operation: Operation, policy: PolicyValues, origin: string): Bulkhead {
  const state = sharedState(client.registry);
  state.bulkheads ??= new LimitFamilies(
    client.registry.maxCircuits,
    (bulkhead) => bulkhead.idle,
    (bulkhead) => !bulkhead.idle,
    (bulkhead) => addBulkhead(state.goneLimits, state.services, bulkhead),
  );
  const { bulkheadMaxConcurrent, bulkheadMaxQueue: maxQueue } = policy;
  const maxConcurrent = bulkheadMaxConcurrent ?? 1;
  const name = circuitName(operation, policy.scope, origin, client.documentUrl);
  const make = (): Bulkhead => new Bulkhead({ name, maxConcurrent, maxQueue, clock: client.clock });
  return state.bulkheads.obtain(name, `${maxConcurrent} ${maxQueue}`, livePolicies(client.registry).version, make);
}

/** Returns the rate limiter of an operation. The scope of circuits does not apply: vendors count all requests of a sender, or those per operation. */
function obtainLimiter(client: ClientParts, operation: Operation, policy: PolicyValues, origin: string): RateLimiter {
  const state = sharedState(client.registry);
  state.limiters ??= new LimitFamilies(
    client.registry.maxCircuits,
    (limiter) => limiter.idle,
    (limiter) => limiter.underWay,
    (limiter) => addLimiter(state.goneLimits, state.services, limiter),
  );
  const { rateLimitRequests, rateLimitPerMs: perMs } = policy;
  const service = circuitName(operation, 'service', origin, client.documentUrl);
  const name = policy.rateLimitScope === 'operation' ? `${service}/${operation.id}` : service;
  return state.limiters.obtain(name, `${rateLimitRequests} ${perMs}`, livePolicies(client.registry).version, (others) => {
    const limiter = new RateLimiter({ name, requests: rateLimitRequests ?? undefined, perMs, clock: client.clock });
    // The limits that the vendor reported for a sender still apply under other settings.
    for (const other of others) limiter.inherit(other);
    return limiter;
  });
}
