import type { Preparation } from './flow.js';
import type { Secrets } from './request/auth.js';

/** What a token function gave. */
export type TokenAnswer = { readonly given: Secrets | undefined } | { readonly error: unknown };

/**
 * The wait of a flow for the answer of a token function. The callbacks hold only this wait, and the wait lets go of a flow that leaves: a promise keeps its
 * callbacks until it settles, and all calls can share one that never does.
 */
export class TokenWait implements Preparation {
  over = false;
  /** Goes on with the flow. Undefined before the wait begins, and once it has ended. */
  #goOn: ((answer: TokenAnswer) => void) | undefined = undefined;

  readonly given = (given: Secrets | undefined): void => this.#end({ given });
  readonly failed = (error: unknown): void => this.#end({ error });

  begin(goOn: (answer: TokenAnswer) => void): void {
    this.#goOn = goOn;
  }

  /** Called when the flow leaves. */
  disarm(): void {
    this.#goOn = undefined;
  }

  #end(answer: TokenAnswer): void {
    const goOn = this.#goOn;
    this.over = true;
    this.#goOn = undefined;
    goOn?.(answer);
  }
}
