import { Permits } from '../policies/circuit-breaker/permits.js';
import { Answering } from '../policies/fallback/answering.js';
import { Retrying } from '../policies/retry/retrying.js';
import { connect, type Entrance, type Link, type Outer } from '../policies/stage.js';
import { Attempts } from './attempts.js';
import type { RequestFlow } from './flow.js';
import { Loading } from './loading.js';
import type { CompiledOperation } from './operation.js';
import { optionalCode } from './optional-code.js';
import type { OptionalCode } from './optional-links.js';
import { Preparing } from './preparing.js';

/** The chains of an operation: one for calls that share requests, and one for the others. Each is built at its first call. */
export class Chains {
  readonly #op: CompiledOperation;
  readonly #limited: boolean;
  #alone: Entrance<RequestFlow> | undefined;
  #sharing: Entrance<RequestFlow> | undefined;

  constructor(op: CompiledOperation) {
    this.#op = op;
    this.#limited = op.policy.bulkheadMaxConcurrent !== null || op.policy.rateLimitEnabled;
  }

  /** Returns the link at which a call enters. `shares` is true if the call shares its request with equal calls. */
  entrance(shares: boolean): Entrance<RequestFlow> {
    if (shares) {
      this.#sharing ??= this.#build(true);
      return this.#sharing;
    }
    this.#alone ??= this.#build(false);
    return this.#alone;
  }

  #build(shares: boolean): Entrance<RequestFlow> {
    const op = this.#op;
    const answering = new Answering<RequestFlow>(op.events, op.breaker, () => op.client.clock.now(), op.place);
    const code = optionalCode();
    if (code === undefined && (shares || this.#limited)) {
      const loading = new Loading(op, (loaded) => buildChain(op, answering, loaded, shares));
      answering.outer = END;
      answering.inner = loading;
      loading.outer = answering;
    } else buildChain(op, answering, shares || this.#limited ? code : undefined, shares);
    return answering;
  }
}

/**
 * Builds the chain of an operation. Only this function knows the order of the policies; docs/policies/order.md gives the reasons for it. A policy
 * that is off has no link in the chain. `code` creates the optional links. If it is undefined, the chain has none.
 */
function buildChain(op: CompiledOperation, answering: Answering<RequestFlow>, code: OptionalCode | undefined, shares: boolean): void {
  const { client, place, breaker, stats, events, budget } = op;
  const { clock, random } = client;
  const preparing = new Preparing(op);
  const permits = new Permits<RequestFlow>(breaker, events, place, stats);
  preparing.gate = permits;
  const optional = code?.optionalLinks(op, shares, preparing, permits);
  preparing.places = optional?.places;
  const links: readonly (Link<RequestFlow> | undefined)[] = [
    answering,
    optional?.sharing,
    optional?.places,
    new Retrying<RequestFlow>({ clock, random, budget, circuit: breaker, events, place }),
    preparing,
    optional?.tokens,
    permits,
  ];
  const present = links.filter((link) => link !== undefined);
  connect(END, present, new Attempts(op, { hears: optional?.tokens !== undefined, tellsGone: optional?.places !== undefined }));
}

/** The outer end of the chain. It settles the flow. */
const END: Outer<RequestFlow> = {
  succeeded: (flow, value, now) => flow.finish(value, now),
  failed: (flow, failure, now) => flow.fail(failure, now),
  heard: () => undefined,
  gone: () => undefined,
};
