/** The data of the page: the rows and the timeline from the messages. */
import type { CircuitRow, StateMessage, TimelineEntry, UpdateMessage } from '../wire.js';

/** The most entries, for a page that stays open for days. */
const MAX_ENTRIES = 500;
/** The smallest difference of the two clocks that counts as a drift, in milliseconds. */
const SKEW_MS = 250;

export class Store {
  readonly circuits = new Map<string, CircuitRow>();
  /** The timeline, the oldest entry first. */
  timeline: TimelineEntry[] = [];
  instance = '';
  /** The number of circuits that the server does not show. */
  left = 0;
  stepMs = 5_000;
  heartbeatMs = 5_000;
  /** False before the first message. */
  known = false;
  /** The server's time at the last message, which is the time of the data. */
  asOf = 0;
  /** The server's clock minus this machine's. */
  #offset = 0;
  #live = false;

  /** Returns the server's time. It stands still without messages, like the data. */
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

  /** Replaces the whole state. Returns new entries; none for the first message, whose entries are history. */
  takeState(message: StateMessage): readonly TimelineEntry[] {
    const lastId = this.timeline.at(-1)?.id ?? 0;
    // Ids that start over belong to another process.
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

  /** Returns the names of changed circuits. */
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

  /** Takes the server's time of a message that just arrived. */
  heard(now: number): void {
    const offset = now - Date.now();
    // Messages have different delays, which must not turn a countdown back.
    if (Math.abs(offset - this.#offset) > SKEW_MS) this.#offset = offset;
    this.asOf = now;
    this.#live = true;
  }
}
