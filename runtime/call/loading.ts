import { RequestError } from '../errors/call-errors.js';
import { type Expiry, Link, type Outcome } from '../policies/stage.js';
import { ownFailure, type Preparation, type RequestFlow } from './flow.js';
import type { CompiledOperation } from './operation.js';
import { loadOptionalCode } from './optional-code.js';
import type { OptionalCode } from './optional-links.js';

/** A placeholder for links whose code is not loaded yet. Loads the code, replaces itself by the finished chain, and passes on the waiting calls. */
export class Loading extends Link<RequestFlow> {
  readonly #op: CompiledOperation;
  readonly #finish: (code: OptionalCode) => void;
  #loading: Promise<void> | undefined;

  /** `finish` connects the finished links to the outer neighbour of this one. */
  constructor(op: CompiledOperation, finish: (code: OptionalCode) => void) {
    super();
    this.#op = op;
    this.#finish = finish;
  }

  override enter(flow: RequestFlow): void {
    const preparation: Preparation = { over: false };
    flow.preparation = preparation;
    const { client, place } = this.#op;
    const outer = this.outer as Link<RequestFlow>;
    this.#loading ??= this.#load();
    this.#loading.then(
      () => {
        if (this.#ends(flow, preparation)) outer.inner.enter(flow, client.clock.now());
      },
      (error: unknown) => {
        this.#loading = undefined;
        if (!this.#ends(flow, preparation)) return;
        const failure = ownFailure(new RequestError(place, 'the code of the limits cannot be loaded', { cause: error }));
        outer.failed(flow, failure, client.clock.now());
      },
    );
  }

  override leave(flow: RequestFlow, _now: number, _expiry: Expiry | undefined): Outcome {
    if (flow.preparation !== undefined) this.#ends(flow, flow.preparation);
    return 'released';
  }

  override drop(): void {}

  async #load(): Promise<void> {
    this.#finish(await loadOptionalCode());
  }

  /** Ends the wait of the flow. Returns false if the flow has left meanwhile. */
  #ends(flow: RequestFlow, preparation: Preparation): boolean {
    if (preparation.over) return false;
    preparation.over = true;
    flow.preparation = undefined;
    return true;
  }
}
