import type { Arrivals as Kind, ServiceScenario } from '../scenario/types.js';
import { onGrid } from './grid.js';
import { Random, subSeed } from './random.js';
import type { Segment } from './segments.js';

/**
 * When callers call, and what they ask for. One row of calls per service and seed, whatever the policies do: callers do not know of them.
 */
export class Arrivals {
  /** When the next call comes, in milliseconds; Infinity: none does. The three below are about that call. */
  nextMs = 0;
  operation = 0;
  /** Which of the different requests. */
  request = 0;
  sender = 0;
  readonly #kind: Kind;
  readonly #segments: readonly Segment[];
  readonly #times: Random;
  readonly #wishes: Random;
  readonly #weights: Float64Array;
  readonly #distinct: number;
  readonly #senders: number;
  #at = 0;
  #exactMs = 0;

  constructor(service: ServiceScenario, segments: readonly Segment[], seed: number) {
    this.#kind = service.arrivals;
    this.#segments = segments;
    this.#times = new Random(subSeed(seed, `times of ${service.name}`));
    this.#wishes = new Random(subSeed(seed, `wishes of ${service.name}`));
    this.#distinct = service.distinctRequests;
    this.#senders = service.senders;
    let sum = 0;
    this.#weights = Float64Array.from(service.operations, ({ weight }) => (sum += weight));
    // Like clockwork, the first call comes half a beat after the start.
    this.#advance(this.#kind === 'poisson' ? this.#times.exponential() : 0.5);
  }

  /** Goes on to the call after this one. */
  next(): void {
    const times = this.#times;
    this.#advance(this.#kind === 'even' ? 1 : this.#kind === 'jitter' ? 0.5 + times.next() : times.exponential());
  }

  /** `beats` are calls at the rate of the moment, which changes on the way where a segment ends. */
  #advance(beats: number): void {
    let left = beats;
    let now = this.#exactMs;
    for (let segment = this.#segments[this.#at]; segment !== undefined; segment = this.#segments[++this.#at]) {
      const perMs = segment.trafficPerSecond / 1_000;
      const room = (segment.toMs - now) * perMs;
      if (left < room) {
        this.#exactMs = now + left / perMs;
        this.nextMs = onGrid(this.#exactMs);
        this.#wish();
        return;
      }
      left -= room;
      now = segment.toMs;
    }
    this.nextMs = Number.POSITIVE_INFINITY;
  }

  #wish(): void {
    const weights = this.#weights;
    const count = weights.length;
    this.operation = 0;
    if (count > 1) {
      const drawn = this.#wishes.next() * (weights[count - 1] ?? 0);
      while (this.operation < count - 1 && drawn >= (weights[this.operation] ?? 0)) this.operation++;
    }
    this.request = this.#distinct === 1 ? 0 : Math.floor(this.#wishes.next() * this.#distinct);
    this.sender = this.#senders === 1 ? 0 : Math.floor(this.#wishes.next() * this.#senders);
  }
}
