/** `Symbol.dispose`. Older versions of Node have it only under a name of their own. */
export const dispose: typeof Symbol.dispose = Symbol.dispose ?? Symbol.for('nodejs.dispose');

/** A running subscription. */
export class Subscription {
  readonly #end: () => void;

  constructor(end: () => void) {
    this.#end = end;
  }

  /** Ends the subscription. Safe to call twice. */
  unsubscribe(): void {
    this.#end();
  }

  [dispose](): void {
    this.#end();
  }
}
