import type { CircuitWatch } from './circuit-watch.js';
import type { Incident, Stage } from './incident.js';

/** How long openings after the first are collected for one message, in milliseconds. The first is reported immediately. */
const GATHER_MS = 10_000;

/** The circuits that share incidents: those of a service, or a single one. A common outage is reported once. */
export class Trouble {
  readonly watches = new Map<string, CircuitWatch>();
  incident: Incident | undefined;
  #going = false;
  /** The circuits that were in trouble since the last beginning. */
  readonly #involved = new Set<string>();
  /** The open circuits that a message has named. */
  readonly #named = new Set<string>();
  #since: number | undefined;
  #wall: { readonly since: number; readonly at: number } | undefined;
  #moreAt = Number.POSITIVE_INFINITY;
  #moreToldAt = Number.NEGATIVE_INFINITY;

  constructor(
    /** The name of the service or the circuit. */
    readonly name: string,
  ) {}

  /** Since when circuits are open without a pause; undefined if none opened since the trouble began. */
  get since(): number | undefined {
    return this.#since;
  }

  /** The circuits in trouble. Open ones come first, the longest open before the others. */
  get troubled(): readonly CircuitWatch[] {
    const troubled = [...this.watches.values()].filter(({ down, lowSince }) => down !== undefined || lowSince !== undefined);
    const began = ({ down, lowSince }: CircuitWatch): number => down?.since ?? lowSince ?? 0;
    return troubled.sort((a, b) => Number(b.down !== undefined) - Number(a.down !== undefined) || began(a) - began(b));
  }

  /** The circuit in the worst trouble. */
  get lead(): CircuitWatch | undefined {
    return this.troubled[0];
  }

  /** The circuits that were in trouble since it began. */
  get involved(): readonly string[] {
    return [...this.#involved];
  }

  /** The circuit whose trouble ended last. */
  get lastEnded(): CircuitWatch | undefined {
    const endOf = ({ ended }: CircuitWatch): number => ended?.at ?? Number.NEGATIVE_INFINITY;
    return [...this.watches.values()].sort((a, b) => endOf(b) - endOf(a))[0];
  }

  /** Whether the current incident does not involve this circuit. */
  canForget(circuit: string): boolean {
    return this.incident === undefined || !this.#involved.has(circuit);
  }

  /** Updates from the circuits. Returns the highest stage. */
  look(now: number): Stage {
    const { troubled } = this;
    if (troubled.length > 0 && !this.#going) {
      this.#involved.clear();
      this.#since = undefined;
    }
    this.#going = troubled.length > 0;
    for (const { circuit, down } of troubled) {
      this.#involved.add(circuit.name);
      if (down !== undefined) this.#since = Math.min(this.#since ?? down.since, down.since);
    }
    for (const name of this.#named) if (this.watches.get(name)?.down === undefined) this.#named.delete(name);
    return troubled.reduce<Stage>((worst, watch) => Math.max(worst, watch.stage(now)) as Stage, 0);
  }

  /** Notes that a message has named all open circuits. */
  named(): void {
    for (const { circuit, down } of this.troubled) if (down !== undefined) this.#named.add(circuit.name);
    this.#moreAt = Number.POSITIVE_INFINITY;
  }

  /**
   * Returns how many circuits opened since the last message, if a message about them is due: shortly after the first of them, and at least
   * `cooldownMs` after the last such message. Otherwise returns 0.
   */
  more(now: number, cooldownMs: number): number {
    const { length } = this.troubled.filter(({ circuit, down }) => down !== undefined && !this.#named.has(circuit.name));
    if (length === 0 || (this.incident?.told ?? 0) < 2) {
      this.#moreAt = Number.POSITIVE_INFINITY;
      return 0;
    }
    if (this.#moreAt === Number.POSITIVE_INFINITY) this.#moreAt = Math.max(now + GATHER_MS, this.#moreToldAt + cooldownMs);
    if (now < this.#moreAt) return 0;
    this.#moreToldAt = now;
    this.#moreAt = Number.POSITIVE_INFINITY;
    return length;
  }

  /** Returns when a message can become due without an event; Infinity if none can. */
  wakeAt(now: number): number {
    const { incident } = this;
    if (incident === undefined) return Number.POSITIVE_INFINITY;
    const times = [incident.cooldownUntil, this.#moreAt, ...this.troubled.map((watch) => watch.longAt)];
    return Math.min(...times.filter((at) => at > now), Number.POSITIVE_INFINITY);
  }

  /** Returns a moment by the wall clock. It is the same in all messages of a trouble, although the two clocks drift. */
  wallOf(since: number, now: number, wallNow: number): number {
    if (this.#wall?.since !== since) this.#wall = { since, at: Math.round(wallNow - (now - since)) };
    return this.#wall.at;
  }
}
