import { RequestError } from '../errors/call-errors.js';
import { type Expiry, Link, type Outcome } from '../policies/stage.js';
import { ownFailure, type RequestFlow } from './flow.js';
import { LOAD_LIMIT_MS, LoadWait } from './load-wait.js';
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
    const { client, place } = this.#op;
    const outer = this.outer as Link<RequestFlow>;
    const unloaded = (error: unknown, now: number): void =>
      outer.failed(flow, ownFailure(new RequestError(place, 'the code of the limits cannot be loaded', { cause: error })), now);
    const wait = new LoadWait(flow, (now) => unloaded(new Error(`it was not loaded within ${LOAD_LIMIT_MS} ms`), now));
    this.#loading ??= this.#load();
    this.#loading.then(
      () => {
        if (wait.end()) outer.inner.enter(flow, client.clock.now());
      },
      (error: unknown) => {
        this.#loading = undefined;
        if (wait.end()) unloaded(error, client.clock.now());
      },
    );
  }

  override leave(flow: RequestFlow, _now: number, _expiry: Expiry | undefined): Outcome {
    flow.endPreparation();
    return 'released';
  }

  override drop(): void {}

  async #load(): Promise<void> {
    this.#finish(await loadOptionalCode());
  }
}
