import { Background } from '../../background.js';
import type { TimerHandle } from '../../clock.js';
import { ALL_CIRCUITS, type SharedStateEvent } from '../../observe/events.js';
import { dispose, type Subscription } from '../../observe/subscription.js';
import type { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { conditionOf, openWithPeers } from '../../policies/circuit-breaker/handover.js';
import { BoundedStore, type Failure } from './bounded-store.js';
import type { ShareSettings } from './options.js';
import { type Heard, type OpenCircuit, readReports, waitByPeers, writeReport } from './report.js';

/** The state of sharing. */
export interface SharedStateStatus {
  /** The name of this process in the store. */
  readonly instance: string;
  /** False after three failed exchanges in a row. Null before the first exchange ended. */
  readonly available: boolean | null;
  /** The failed exchanges since the last success. */
  readonly failures: number;
  /** The other instances that were alive at the last exchange. */
  readonly instances: number;
  /** The circuits that the last exchange reported as open. */
  readonly reported: readonly string[];
  /** How often a circuit opened because of other instances. */
  readonly opened: number;
  /** The number of unusable entries in the store so far: reports of other versions, garbage. */
  readonly ignored: number;
}

/** This many exchanges must fail in a row, because a single slow one is no outage. */
const UNAVAILABLE_AFTER = 3;
/** The longest time between two exchanges while the store is down, unless `everyMs` is longer. */
const LONGEST_BACKOFF_MS = 30_000;

/** Exchanges reports with other processes on an interval, until stopped. Made by `shareState`. */
export class SharedState {
  readonly #settings: ShareSettings;
  readonly #background: Background;
  readonly #store: BoundedStore;
  readonly #subscription: Subscription;
  readonly #ended: () => void;
  /** The circuits that are possibly open because of calls of this process. */
  readonly #suspects = new Set<string>();
  #timer: TimerHandle | undefined;
  #underWay: Promise<void> | undefined;
  /** Whether a circuit opened since the last report. */
  #news = false;
  #stopped = false;
  #failures = 0;
  #failingSince = 0;
  #exchanged = false;
  #instances = 0;
  #reported: readonly string[] = [];
  #opened = 0;
  #ignored = 0;

  constructor(settings: ShareSettings, ended: () => void) {
    const { registry, store, clock, storeTimeoutMs } = settings;
    this.#background = new Background(clock);
    this.#settings = { ...settings, clock: this.#background.clock };
    this.#store = new BoundedStore(store, this.#background, storeTimeoutMs);
    this.#ended = ended;
    for (const { name, state } of registry.list()) if (state !== 'closed') this.#suspects.add(name);
    this.#subscription = registry.events.watch((event) => {
      // Only own findings are reported. Otherwise instances would confirm each other's reports.
      if (event.type === 'circuit_opened' && event.reason !== 'peers') this.#suspect(event.circuit);
    });
    this.#wait(0);
  }

  /** Makes one exchange now, or after the one that is under way. Never rejects. */
  sync(): Promise<void> {
    return this.#background.run(async () => {
      await this.#underWay;
      await this.#exchange();
    });
  }

  status(): SharedStateStatus {
    const failing = this.#failures >= UNAVAILABLE_AFTER;
    return {
      instance: this.#settings.instance,
      available: failing ? false : this.#exchanged ? true : null,
      failures: this.#failures,
      instances: this.#instances,
      reported: this.#reported,
      opened: this.#opened,
      ignored: this.#ignored,
    };
  }

  toJSON(): SharedStateStatus {
    return this.status();
  }

  /** Ends sharing, and takes back the report of this process. Circuits stay as they are. Safe to call twice. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#clearTimer();
    this.#subscription.unsubscribe();
    // The store's listeners of the signal run in the context of this work, not in that of the code that stops it.
    this.#background.run(() => this.#store.giveUp());
    if (this.#exchanged && this.#failures === 0) this.#store.leave(this.#settings.instance, writeReport([]));
    this.#ended();
  }

  [dispose](): void {
    this.stop();
  }

  #suspect(circuit: string): void {
    this.#suspects.add(circuit);
    if (this.#news) return;
    this.#news = true;
    // Not while the store is down: more load would make that worse.
    if (this.#failures === 0) this.#wait(this.#delayMs());
  }

  #delayMs(): number {
    const { everyMs } = this.#settings;
    if (this.#failures === 0) return this.#news ? everyMs / 10 : everyMs;
    return Math.min(everyMs * 2 ** (this.#failures - 1), Math.max(everyMs, LONGEST_BACKOFF_MS));
  }

  #wait(delayMs: number): void {
    this.#clearTimer();
    this.#timer = this.#settings.clock.setTimeout(() => void this.#exchange(), delayMs);
    this.#timer.unref?.();
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#settings.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #exchange(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#underWay ??= this.#exchangeOnce().finally(() => {
      this.#underWay = undefined;
      if (!this.#stopped) this.#wait(this.#delayMs());
    });
    return this.#underWay;
  }

  async #exchangeOnce(): Promise<void> {
    const { clock, instance, everyMs, storeTimeoutMs } = this.#settings;
    this.#clearTimer();
    this.#news = false;
    const startedAt = clock.now();
    const open = this.#openHere();
    // The lease outlasts two failed exchanges.
    const leaseMs = 3 * (everyMs + storeTimeoutMs);
    const answer = await this.#store.exchange(instance, writeReport(open), leaseMs);
    if (this.#stopped) return;
    if ('failure' in answer) this.#failed(answer.failure);
    else this.#answered(answer.value, clock.now() - startedAt, open);
  }

  /** Returns the circuits that are open because of calls of this process. */
  #openHere(): readonly OpenCircuit[] {
    const found: OpenCircuit[] = [];
    for (const name of this.#suspects) {
      const circuit = this.#covered(name);
      const condition = circuit && conditionOf(circuit);
      const now = circuit?.clock.now() ?? 0;
      if (condition?.state.kind !== 'open' || condition.state.reason === 'peers') this.#suspects.delete(name);
      else found.push({ circuit: name, downMs: now - (condition.downSince ?? now), leftMs: condition.state.until - now });
    }
    return found;
  }

  #answered(answer: unknown, tookMs: number, reported: readonly OpenCircuit[]): void {
    const { instance, quorum } = this.#settings;
    const heard = readable(answer, instance, tookMs);
    if (heard === undefined) {
      this.#failed('bad_answer');
      return;
    }
    this.#reported = reported.map(({ circuit }) => circuit);
    this.#instances = heard.instances;
    this.#ignored += heard.ignored;
    this.#succeeded();
    for (const [name, evidence] of heard.open) {
      // A listener can have stopped sharing.
      if (this.#stopped) return;
      const circuit = this.#covered(name);
      const waitMs = circuit === undefined ? undefined : waitByPeers(evidence, quorum, recoveredMsAgo(circuit));
      if (waitMs !== undefined && circuit !== undefined && openWithPeers(circuit, waitMs)) this.#opened++;
    }
  }

  #succeeded(): void {
    const wasUnavailable = this.#failures >= UNAVAILABLE_AFTER;
    this.#failures = 0;
    this.#exchanged = true;
    if (wasUnavailable) this.#tell({ type: 'shared_state_available', downMs: this.#settings.clock.now() - this.#failingSince });
  }

  #failed(reason: Failure): void {
    this.#instances = 0;
    if (this.#failures === 0) this.#failingSince = this.#settings.clock.now();
    this.#failures++;
    if (this.#failures === UNAVAILABLE_AFTER) this.#tell({ type: 'shared_state_unavailable', reason });
  }

  #tell(event: Pick<SharedStateEvent, 'type' | 'reason' | 'downMs'>): void {
    const { registry, clock } = this.#settings;
    registry.events.emit({ ...event, circuit: ALL_CIRCUITS, service: ALL_CIRCUITS, at: clock.wallNow() });
  }

  #covered(name: string): CircuitBreaker | undefined {
    const { registry, services } = this.#settings;
    const circuit = registry.get(name);
    return circuit !== undefined && (services === undefined || services.has(circuit.service)) ? circuit : undefined;
  }
}

/** The reports in an answer; undefined if it cannot be read, even because a getter in it throws. */
function readable(answer: unknown, instance: string, tookMs: number): Heard | undefined {
  try {
    return readReports(answer, instance, tookMs);
  } catch {
    return undefined;
  }
}

/** Returns how long ago the circuit closed after an outage; Infinity if it has never been open. */
function recoveredMsAgo(circuit: CircuitBreaker): number {
  const condition = conditionOf(circuit);
  return circuit.counters.opens === 0 || condition === undefined ? Number.POSITIVE_INFINITY : circuit.clock.now() - condition.state.since;
}
