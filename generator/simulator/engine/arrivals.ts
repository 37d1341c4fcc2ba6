import type { Arrivals as Kind, ServiceScenario } from '../scenario/types.js';
import { onGrid } from './grid.js';
import { Random, subSeed } from './random.js';
import type { Segment } from './segments.js';

/** The times and requests of one service's callers. The seed alone decides them, because callers do not know the policies. */
export class Arrivals {
  /** The time of the next call in milliseconds. Infinity: no further call. The three fields below describe that call. */
  nextMs = 0;
  operation = 0;
  /** The number of the request, among the distinct requests. */
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
    // Regular calls start half a gap after the start.
    this.#advance(this.#kind === 'poisson' ? this.#times.exponential() : 0.5);
  }

  /** Advances to the next call. */
  next(): void {
    const times = this.#times;
    this.#advance(this.#kind === 'even' ? 1 : this.#kind === 'jitter' ? 0.5 + times.next() : times.exponential());
  }

  /** `beats` counts calls at the current rate. The rate changes on the way if a segment ends. */
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
