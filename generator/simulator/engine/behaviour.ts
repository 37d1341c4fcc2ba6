import type { Conditions, Fault, Latency, ServiceScenario } from '../scenario/types.js';
import { onGrid } from './grid.js';
import { MomentChance, type Random, subSeed } from './random.js';
import type { Segment } from './segments.js';

/** The answer of a service to one request. One object is reused: read it before the next request. */
export interface Reply {
  /** Undefined: a good answer. */
  fault: Fault | undefined;
  /** The time until the answer, or until the connection breaks. */
  delayMs: number;
  retryAfterSeconds: number | undefined;
}

/** Decides the answers of a service. */
export interface Behaviour {
  /** Returns the answer to a request of an operation at the time `now`. */
  reply(operation: number, sender: number, now: number): Reply;
}

/** The time in milliseconds after which undici gives up a connection. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** The distance between the median and the 99th percentile of a normal distribution, in standard deviations. */
const P99 = 2.3263478740408408;

/** A service that behaves as the scenario says. */
export class ScenarioBehaviour implements Behaviour {
  readonly #reply: Reply = { fault: undefined, delayMs: 0, retryAfterSeconds: undefined };
  readonly #segments: readonly Segment[];
  readonly #chance: MomentChance;
  readonly #limit: VendorLimit | undefined;
  #at = 0;

  constructor({ name, vendorLimit }: ServiceScenario, segments: readonly Segment[], seed: number) {
    this.#segments = segments;
    this.#chance = new MomentChance(subSeed(seed, `fate of ${name}`));
    this.#limit = vendorLimit && new VendorLimit(vendorLimit.requests, vendorLimit.perMs);
  }

  reply(operation: number, sender: number, now: number): Reply {
    const conditions = this.#conditions(operation, now);
    const random = this.#chance.at(now);
    const reply = this.#reply;
    reply.retryAfterSeconds = undefined;
    // Always drawn, so that two configurations differ only by their decisions and not by the count of random numbers.
    const fate = random.next();
    const limitedMs = this.#limit?.refusesFor(sender, now) ?? 0;
    if (limitedMs > 0) {
      reply.fault = 429;
      reply.retryAfterSeconds = Math.ceil(limitedMs / 1_000);
    } else if (fate < conditions.errorRate) {
      reply.fault = pick(conditions, random);
      if (reply.fault === 429 || reply.fault === 503) reply.retryAfterSeconds = conditions.retryAfterSeconds;
    } else reply.fault = undefined;
    reply.delayMs = draw(reply.fault === undefined ? conditions.latency : (conditions.errorLatency ?? conditions.latency), random);
    return reply;
  }

  /** Time only advances. After the end, the last conditions stay. */
  #conditions(operation: number, now: number): Conditions {
    while (this.#at + 1 < this.#segments.length && now >= (this.#segments[this.#at]?.toMs ?? Number.POSITIVE_INFINITY)) this.#at++;
    return this.#segments[this.#at]?.conditions[operation] as Conditions;
  }
}

function pick({ errors }: Conditions, random: Random): Fault {
  let left = random.next() * errors.reduce((sum, { weight }) => sum + weight, 0);
  for (const { fault, weight } of errors) {
    left -= weight;
    if (left < 0) return fault;
  }
  return errors.at(-1)?.fault ?? 503;
}

function draw({ p50Ms, p99Ms }: Latency, random: Random): number {
  return onGrid(p50Ms === p99Ms ? p50Ms : p50Ms * Math.exp((Math.log(p99Ms / p50Ms) / P99) * random.normal()));
}

/** Returns the share of answers that take `limitMs` or longer. */
export function shareAbove({ p50Ms, p99Ms }: Latency, limitMs: number): number {
  if (p50Ms === p99Ms || limitMs <= 0) return p50Ms >= limitMs ? 1 : 0;
  if (limitMs === Number.POSITIVE_INFINITY) return 0;
  return 1 - normalShare(Math.log(limitMs / p50Ms) / (Math.log(p99Ms / p50Ms) / P99));
}

/** Returns the share of a standard normal distribution below `z` (Abramowitz and Stegun 26.2.17; error below 1e-7). */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
  return z >= 0 ? 1 - above : above;
}

/** The rate limit of the service itself: a number of requests per sender in each span, counted from time 0. */
class VendorLimit {
  readonly #counts = new Map<number, { span: number; count: number }>();

  constructor(
    readonly requests: number,
    readonly perMs: number,
  ) {}

  /** Returns the milliseconds until the service accepts requests again. Returns 0, and counts the request, if the service accepts it. */
  refusesFor(sender: number, now: number): number {
    const span = Math.floor(now / this.perMs);
    let entry = this.#counts.get(sender);
    if (entry === undefined) {
      entry = { span, count: 0 };
      this.#counts.set(sender, entry);
    } else if (entry.span !== span) {
      entry.span = span;
      entry.count = 0;
    }
    if (entry.count >= this.requests) return (span + 1) * this.perMs - now;
    entry.count++;
    return 0;
  }
}
