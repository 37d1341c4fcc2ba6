/** The part of opossum that is measured; the package carries no types. */
declare module 'opossum' {
  interface Options {
    readonly timeout?: number | false;
    readonly errorThresholdPercentage?: number;
    readonly resetTimeout?: number;
    readonly volumeThreshold?: number;
  }

  export default class CircuitBreaker<A extends readonly unknown[], R> {
    constructor(action: (...args: A) => Promise<R>, options?: Options);
    fire(...args: A): Promise<R>;
    fallback(answer: () => unknown): this;
    open(): void;
    close(): void;
    shutdown(): void;
  }
}
