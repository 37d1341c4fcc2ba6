import type { FuselineEvent, TokenEvent, TransitionEvent } from '../../observe/events.js';
import { dispose, type Subscription } from '../../observe/subscription.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { OpenReason } from '../../policies/circuit-breaker/state.js';
import { CircuitJournal } from './circuit-journal.js';
import type { TimelineEntry } from './wire.js';

export interface JournalOptions {
  /** The most entries of the timeline. Default 500. */
  readonly entries?: number;
  /** The most circuits in the journal. Beyond, the circuit without events for the longest time is forgotten. Default 2,000. */
  readonly circuits?: number;
}

/** Reasons that the last failure does not explain. */
const WITHOUT_CAUSE: ReadonlySet<OpenReason> = new Set(['slow_call_rate', 'probe_expired', 'peers']);

/**
 * Collects the events of a registry's circuits: changes of state, failures, and what callers got instead. It costs calls only events, and a call that
 * succeeds has none. Its size is bounded.
 */
export class Journal {
  readonly #maxEntries: number;
  readonly #maxCircuits: number;
  readonly #entries: TimelineEntry[] = [];
  readonly #circuits = new Map<string, CircuitJournal>();
  readonly #subscription: Subscription;
  readonly #listeners = new Set<(circuit: string) => void>();
  /** The accounts whose last renewal failed. */
  readonly #failingSignIns = new Set<string>();
  #lastId = 0;

  constructor(registry: BreakerRegistry, { entries = 500, circuits = 2_000 }: JournalOptions = {}) {
    this.#maxEntries = entries;
    this.#maxCircuits = circuits;
    this.#subscription = registry.events.watch((event) => this.#hear(event));
  }

  /** The entries of the timeline, the oldest first. */
  get timeline(): readonly TimelineEntry[] {
    return this.#entries;
  }

  /** Returns the history of a circuit; undefined if it has had no event. */
  of(circuit: string): CircuitJournal | undefined {
    return this.#circuits.get(circuit);
  }

  /** Calls `listener` after each new entry of the timeline. */
  onEntry(listener: (circuit: string) => void): void {
    this.#listeners.add(listener);
  }

  /** Stops listening. The collected data stays. */
  [dispose](): void {
    this.#subscription.unsubscribe();
    this.#listeners.clear();
  }

  #hear(event: FuselineEvent): void {
    switch (event.type) {
      case 'call_failed':
        this.#journalOf(event).failed(event.cause, event.at);
        break;
      case 'call_rejected':
        this.#journalOf(event).refused();
        break;
      case 'fallback_used':
        this.#journalOf(event).answered(event);
        break;
      case 'call_limited': {
        const journal = this.#journalOf(event);
        if (event.policy === 'bulkhead') journal.bulkheadRefusals++;
        else journal.rateLimitRefusals++;
        break;
      }
      case 'config_reloaded':
        if (event.services.length > 0)
          this.#add({ at: event.at, circuit: event.circuit, kind: event.type, detail: event.services.join(', ') });
        break;
      case 'config_rejected':
        this.#add({ at: event.at, circuit: event.circuit, kind: event.type, detail: event.code });
        break;
      case 'threshold_adapted':
      case 'threshold_proposed':
        this.#add({
          at: event.at,
          circuit: event.circuit,
          kind: event.type,
          detail: event.setting,
          from: event.oldValue,
          to: event.newValue,
        });
        break;
      case 'token_refresh_failed':
      case 'token_refreshed':
        this.#signedIn(event);
        break;
      case 'retry_scheduled':
      case 'shared_state_unavailable':
      case 'shared_state_available':
        break;
      default:
        this.#moved(event);
    }
  }

  /** Adds the first of several failures of an account, and the success after them. */
  #signedIn({ type, service, account = '', at, circuit, reason }: TokenEvent): void {
    const failing = this.#failingSignIns;
    const key = `${service} ${account}`;
    if (type === 'token_refreshed') {
      if (failing.delete(key)) this.#add({ at, circuit, kind: type });
    } else if (!failing.has(key) && failing.size < this.#maxCircuits) {
      failing.add(key);
      this.#add({ at, circuit, kind: type, detail: reason ?? 'unavailable' });
    }
  }

  #moved(event: TransitionEvent): void {
    const journal = this.#journalOf(event);
    journal.moved(event);
    const { at, circuit, newState: kind, reason, failureCount, recoveryTimeoutMs, downMs } = event;
    const opened = reason === undefined ? {} : { reason, failures: failureCount, waitMs: recoveryTimeoutMs };
    const cause = reason === undefined || WITHOUT_CAUSE.has(reason) || journal.lastCause === undefined ? {} : { cause: journal.lastCause };
    this.#add({ at, circuit, kind, ...opened, ...cause, ...(downMs === undefined ? {} : { downMs }) });
  }

  #add(entry: Omit<TimelineEntry, 'id'>): void {
    this.#entries.push({ id: ++this.#lastId, ...entry });
    if (this.#entries.length > this.#maxEntries) this.#entries.shift();
    for (const listener of this.#listeners) listener(entry.circuit);
  }

  #journalOf({ circuit, at }: FuselineEvent): CircuitJournal {
    let journal = this.#circuits.get(circuit);
    if (journal === undefined) {
      if (this.#circuits.size >= this.#maxCircuits) this.#forgetOne();
      journal = new CircuitJournal();
      this.#circuits.set(circuit, journal);
    }
    journal.heardAt = at;
    return journal;
  }

  /** Forgets the circuit without events for the longest time. Closed circuits go first, so that the data of an outage survives it. */
  #forgetOne(): void {
    const all = [...this.#circuits];
    const closed = all.filter(([, { downSince }]) => downSince === null);
    const [oldest] = (closed.length > 0 ? closed : all).sort(([, a], [, b]) => a.heardAt - b.heardAt);
    if (oldest !== undefined) this.#circuits.delete(oldest[0]);
  }
}
