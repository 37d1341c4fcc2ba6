import type { CircuitWatch } from './circuit-watch.js';
import type { Incident, Stage } from './incident.js';

/** Circuits that open within so long of each other are told of together, in milliseconds. The first is told of at once. */
const GATHER_MS = 10_000;

/** The circuits that share incidents: those of a service, or one by itself. What befalls them together is told once. */
export class Trouble {
  readonly watches = new Map<string, CircuitWatch>();
  incident: Incident | undefined;
  #going = false;
  /** Circuits that were in trouble since it last began. */
  readonly #involved = new Set<string>();
  /** Circuits that are open and were named in a message. */
  readonly #named = new Set<string>();
  #since: number | undefined;
  #wall: { readonly since: number; readonly at: number } | undefined;
  #moreAt = Number.POSITIVE_INFINITY;
  #moreToldAt = Number.NEGATIVE_INFINITY;

  constructor(
    /** The service or the circuit. */
    readonly name: string,
  ) {}

  /** Since when circuits are open without a pause; undefined where none has been since the trouble began. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Those that are in trouble; those that are open and were open longest first. */
  get troubled(): readonly CircuitWatch[] {
    const troubled = [...this.watches.values()].filter(({ down, lowSince }) => down !== undefined || lowSince !== undefined);
    const began = ({ down, lowSince }: CircuitWatch): number => down?.since ?? lowSince ?? 0;
    return troubled.sort((a, b) => Number(b.down !== undefined) - Number(a.down !== undefined) || began(a) - began(b));
  }

  /** The one that is worst off. */
  get lead(): CircuitWatch | undefined {
    return this.troubled[0];
  }

  /** Circuits that the trouble has reached since it began. */
  get involved(): readonly string[] {
    return [...this.#involved];
  }

  /** The one whose trouble ended last. */
  get lastEnded(): CircuitWatch | undefined {
    const endOf = ({ ended }: CircuitWatch): number => ended?.at ?? Number.NEGATIVE_INFINITY;
    return [...this.watches.values()].sort((a, b) => endOf(b) - endOf(a))[0];
  }

  /** Is this circuit of no concern to what goes on? */
  canForget(circuit: string): boolean {
    return this.incident === undefined || !this.#involved.has(circuit);
  }

  /** Takes in what its circuits are in. Returns the worst. */
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

  /** A message has named all that are open. */
  named(): void {
    for (const { circuit, down } of this.troubled) if (down !== undefined) this.#named.add(circuit.name);
    this.#moreAt = Number.POSITIVE_INFINITY;
  }

  /**
   * How many circuits have opened since the last message, when it is time to tell of them: shortly after the first of them, and not sooner
   * than `cooldownMs` after the last such message. Else 0.
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

  /** When there may be something to tell although nothing happens; infinite where there will not. */
  wakeAt(now: number): number {
    const { incident } = this;
    if (incident === undefined) return Number.POSITIVE_INFINITY;
    const times = [incident.cooldownUntil, this.#moreAt, ...this.troubled.map((watch) => watch.longAt)];
    return Math.min(...times.filter((at) => at > now), Number.POSITIVE_INFINITY);
  }

  /** A moment on the wall's clock: the same at each message of the same trouble, although two clocks drift by a little. */
  wallOf(since: number, now: number, wallNow: number): number {
    if (this.#wall?.since !== since) this.#wall = { since, at: Math.round(wallNow - (now - since)) };
    return this.#wall.at;
  }
}
