/** What the page knows: the rows and the timeline as the messages have told them. */
import type { CircuitRow, StateMessage, TimelineEntry, UpdateMessage } from '../wire.js';

/** Entries that a page keeps which stays open for days. */
const MAX_ENTRIES = 500;
/** What the two clocks may seem to drift apart before it is believed, in milliseconds. */
const SKEW_MS = 250;

export class Store {
  readonly circuits = new Map<string, CircuitRow>();
  /** Oldest first. */
  timeline: TimelineEntry[] = [];
  instance = '';
  /** Circuits that the server has and does not show. */
  left = 0;
  stepMs = 5_000;
  heartbeatMs = 5_000;
  /** False before the first message. */
  known = false;
  /** The server's time at the last message: until when what is shown is true. */
  asOf = 0;
  /** The server's clock minus this machine's. */
  #offset = 0;
  #live = false;

  /** The server's time. Stands still while nothing is heard from it, as what is shown does. */
  get now(): number {
    return this.#live ? Math.max(this.asOf, Date.now() + this.#offset) : this.asOf;
  }

  get live(): boolean {
    return this.#live;
  }

  set live(live: boolean) {
    if (!live && this.#live) this.asOf = this.now;
    this.#live = live;
  }

  /** Replaces everything. Returns the entries that are new, but for those of a first message: they are history. */
  takeState(message: StateMessage): readonly TimelineEntry[] {
    const lastId = this.timeline.at(-1)?.id ?? 0;
    // Ids that began anew are those of another process.
    const continued = this.known && message.instance === this.instance && (message.timeline.at(-1)?.id ?? 0) >= lastId;
    this.circuits.clear();
    for (const row of message.circuits) this.circuits.set(row.name, row);
    this.timeline = [...message.timeline];
    this.instance = message.instance;
    this.left = message.left;
    this.stepMs = message.stepMs;
    this.heartbeatMs = message.heartbeatMs;
    this.known = true;
    this.heard(message.now);
    return continued ? message.timeline.filter(({ id }) => id > lastId) : [];
  }

  /** Returns names of circuits that have changed. */
  takeUpdate(message: UpdateMessage): readonly string[] {
    for (const name of message.removed) this.circuits.delete(name);
    this.left = message.left;
    for (const patch of message.circuits) {
      this.circuits.set(patch.name, { ...(this.circuits.get(patch.name) as CircuitRow), ...patch });
    }
    this.timeline.push(...message.timeline);
    if (this.timeline.length > MAX_ENTRIES) this.timeline.splice(0, this.timeline.length - MAX_ENTRIES);
    this.heard(message.now);
    return message.circuits.map(({ name }) => name);
  }

  /** The server's clock stood at `now` as it sent what has just come. */
  heard(now: number): void {
    const offset = now - Date.now();
    // Messages take more or less long to come; a countdown must not go back because of it.
    if (Math.abs(offset - this.#offset) > SKEW_MS) this.#offset = offset;
    this.asOf = now;
    this.#live = true;
  }
}
