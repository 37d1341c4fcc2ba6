import type { Clock, TimerHandle } from '../../clock.js';
import { dispose } from '../../observe/subscription.js';
import { Changes } from './changes.js';
import { Connection, eventText } from './connection.js';
import type { Journal } from './journal.js';
import { rowOf } from './row.js';
import type { Selection } from './selection.js';
import { SAMPLE_MS, type Traffic } from './traffic.js';
import type { BeatMessage, StateMessage, UpdateMessage } from './wire.js';

/** The time between two updates while pages are connected, in milliseconds. */
const TICK_MS = 1_000;
/** The shortest time between two updates, in milliseconds. A change of state is sent immediately, unless many follow. */
const URGENT_GAP_MS = 100;
/** The longest time without a message, in milliseconds. Without changes, a page gets a heartbeat. */
const HEARTBEAT_MS = 5_000;
/** After this time without reading, a client is disconnected, in milliseconds. */
const STUCK_MS = 30_000;
/** The entries of the timeline in the first message. */
const FIRST_ENTRIES = 200;

export interface FeedSetup {
  readonly selection: Selection;
  readonly journal: Journal;
  readonly traffic: Traffic;
  readonly clock: Clock;
  readonly instance: string;
  readonly maxConnections: number;
}

/**
 * Sends changes to every open page: each second, and immediately when a circuit changes its state. Changes are computed once for all pages, and not at
 * all without pages.
 */
export class Feed {
  readonly #setup: FeedSetup;
  readonly #connections = new Set<Connection>();
  readonly #changes = new Changes();
  #tick: TimerHandle | undefined;
  #urgent: TimerHandle | undefined;
  #lastLook = Number.NEGATIVE_INFINITY;
  #lastMessage = 0;
  #lastEntry = 0;
  #left = 0;
  #closed = false;

  constructor(setup: FeedSetup) {
    this.#setup = setup;
    setup.journal.onEntry(() => this.#hurry());
  }

  /** The number of connected pages. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Returns the stream for a new page; undefined if the most pages are connected. `signal` ends the stream, like cancelling it. */
  connect(signal: AbortSignal): ReadableStream<Uint8Array> | undefined {
    const { clock, maxConnections } = this.#setup;
    if (this.#closed || this.#connections.size >= maxConnections) return undefined;
    if (this.#connections.size === 0) {
      this.#look();
      this.#tick = this.#later(TICK_MS, this.#onTick);
    }
    const connection = new Connection(this.#forget);
    this.#connections.add(connection);
    connection.send(this.#everything(), clock.now());
    const letGo = (): void => this.#letGo(connection);
    signal.addEventListener('abort', letGo, { once: true });
    if (signal.aborted) letGo();
    return connection.body;
  }

  /** Ends every stream, and accepts no more pages. */
  [dispose](): void {
    this.#closed = true;
    for (const connection of [...this.#connections]) {
      connection.end();
      this.#forget(connection);
    }
  }

  readonly #forget = (connection: Connection): void => {
    if (!this.#connections.delete(connection) || this.#connections.size > 0) return;
    const { clock } = this.#setup;
    for (const timer of [this.#tick, this.#urgent]) if (timer !== undefined) clock.clearTimeout(timer);
    this.#tick = undefined;
    this.#urgent = undefined;
  };

  #letGo(connection: Connection): void {
    if (!this.#connections.has(connection)) return;
    connection.abort();
    this.#forget(connection);
  }

  /** Schedules an update. Not immediately, because this runs within the call that moved the circuit, and other circuits can follow in the same turn. */
  #hurry(): void {
    if (this.#connections.size === 0 || this.#urgent !== undefined) return;
    const wait = Math.max(0, this.#lastLook + URGENT_GAP_MS - this.#setup.clock.now());
    this.#urgent = this.#later(wait, () => {
      this.#urgent = undefined;
      this.#tell();
    });
  }

  readonly #onTick = (): void => {
    this.#tick = this.#later(TICK_MS, this.#onTick);
    this.#tell();
    const now = this.#setup.clock.now();
    const behind = [...this.#connections].filter(({ behindSince }) => behindSince !== undefined);
    const drained = behind.filter((connection) => connection.drained);
    if (drained.length > 0) {
      const everything = this.#everything();
      for (const connection of drained) connection.catchUp(everything);
    }
    for (const connection of behind) if (now - (connection.behindSince ?? now) >= STUCK_MS) this.#letGo(connection);
  };

  #tell(): void {
    const { clock } = this.#setup;
    const update = this.#look();
    const now = clock.now();
    if (update.circuits.length > 0 || update.removed.length > 0 || update.timeline.length > 0) this.#broadcast('update', update);
    else if (now - this.#lastMessage >= HEARTBEAT_MS) this.#broadcast('beat', { now: clock.wallNow() } satisfies BeatMessage);
  }

  #look(): UpdateMessage {
    const { selection, journal, clock } = this.#setup;
    this.#lastLook = clock.now();
    const { circuits, left } = selection.now();
    const { outages } = selection;
    const rows = circuits.map((circuit) => rowOf(circuit, this.#setup, this.#changes.rowOf(circuit.name), outages));
    const { patches, removed } = this.#changes.take(rows);
    const timeline = journal.timeline.filter(({ id }) => id > this.#lastEntry);
    this.#lastEntry = timeline.at(-1)?.id ?? this.#lastEntry;
    this.#left = left;
    return { now: clock.wallNow(), circuits: patches, removed, left, timeline };
  }

  /** Returns the state of the last update. Later changes follow with the next update. */
  #everything(): Uint8Array {
    const { journal, clock, instance } = this.#setup;
    const timeline = journal.timeline.filter(({ id }) => id <= this.#lastEntry).slice(-FIRST_ENTRIES);
    const message: StateMessage = {
      now: clock.wallNow(),
      instance,
      stepMs: SAMPLE_MS,
      heartbeatMs: HEARTBEAT_MS,
      circuits: this.#changes.rows,
      left: this.#left,
      timeline,
    };
    return eventText('state', message);
  }

  #broadcast(event: string, data: unknown): void {
    const now = this.#setup.clock.now();
    const message = eventText(event, data);
    for (const connection of this.#connections) connection.send(message, now);
    this.#lastMessage = now;
  }

  #later(delayMs: number, work: () => void): TimerHandle {
    const timer = this.#setup.clock.setTimeout(work, delayMs);
    timer.unref?.();
    return timer;
  }
}
