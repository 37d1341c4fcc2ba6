import { between, weighted } from './random.js';

/** What the server does with one request. */
export type Fault = 'ok' | 'drip' | 'error' | 'throttled' | 'hang' | 'stall' | 'reset' | 'reset_body' | 'html' | 'truncated';

/** How the server behaves for a while: which faults, and how often. Null: it resets every connection as it comes. */
const WEATHERS: Readonly<Record<string, Readonly<Partial<Record<Fault, number>>> | null>> = {
  fine: { ok: 96, drip: 4 },
  flaky: { ok: 68, drip: 5, error: 8, throttled: 3, hang: 3, stall: 3, reset: 3, reset_body: 2, html: 3, truncated: 2 },
  outage: { ok: 10, error: 50, html: 20, reset: 20 },
  frozen: { ok: 10, hang: 50, stall: 30, drip: 10 },
  refusing: null,
};

export const FINE = 'fine';

/** The server's weather from a seed: fine every other time, so that it recovers as often as it breaks. */
export class Weather {
  name = FINE;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Changes it, and returns for how many milliseconds it will last. */
  change(): number {
    this.name = this.name === FINE ? weighted(this.#random, { flaky: 4, outage: 3, frozen: 3, refusing: 1 }) : FINE;
    return this.name === FINE ? between(this.#random, 300, 1_200) : between(this.#random, 100, 500);
  }

  get refusesConnections(): boolean {
    return WEATHERS[this.name] === null;
  }

  fault(): Fault {
    return weighted<Fault>(this.#random, WEATHERS[this.name] ?? { reset: 1 });
  }
}
