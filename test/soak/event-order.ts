import type { FuselineEvent, StateKind } from '../../runtime/index.js';
import { FAILURE_THRESHOLD, RECOVERY_MS } from './operations.js';

/** What one circuit has said so far. */
class Story {
  state: StateKind = 'closed';
  lastType: FuselineEvent['type'] | undefined;
  lastAt = 0;
  readonly counts: { [K in FuselineEvent['type']]?: number } = {};
}

const AFTER: { readonly [K in StateKind]?: readonly StateKind[] } = {
  closed: ['open'],
  open: ['half_open'],
  half_open: ['open', 'closed'],
};

/** Follows the events of every circuit and notes what cannot be: a missing, a repeated, a late one. */
export class EventOrder {
  readonly faults: string[] = [];
  events = 0;
  readonly #stories = new Map<string, Story>();

  /** Events of a circuit, by type. */
  counts(circuit: string): Story['counts'] {
    return this.#stories.get(circuit)?.counts ?? {};
  }

  readonly listener = (event: FuselineEvent): void => {
    this.events++;
    let story = this.#stories.get(event.circuit);
    if (story === undefined) {
      story = new Story();
      this.#stories.set(event.circuit, story);
    }
    if (event.at < story.lastAt) this.#fault(event, `came ${story.lastAt - event.at} ms before its predecessor`);
    if ('oldState' in event) {
      if (event.oldState !== story.state) this.#fault(event, `leaves ${event.oldState}, but the circuit was ${story.state}`);
      if (AFTER[event.oldState]?.includes(event.newState) !== true) this.#fault(event, `goes from ${event.oldState} to ${event.newState}`);
      if (event.newState === 'open' && event.oldState === 'closed') {
        if (story.lastType !== 'call_failed') this.#fault(event, `follows ${story.lastType}: the cause must come before the effect`);
        if (event.failureCount !== FAILURE_THRESHOLD) this.#fault(event, `opened after ${event.failureCount} failures`);
      }
      story.state = event.newState;
    } else if (event.type === 'call_rejected') {
      if (story.state === 'closed') this.#fault(event, 'in a closed circuit');
      if (event.retryAfterMs > RECOVERY_MS) this.#fault(event, `asks to wait ${event.retryAfterMs} ms`);
    }
    story.lastType = event.type;
    story.lastAt = event.at;
    story.counts[event.type] = (story.counts[event.type] ?? 0) + 1;
  };

  #fault(event: FuselineEvent, what: string): void {
    if (this.faults.length < 20) this.faults.push(`${event.circuit} ${event.type}: ${what}`);
  }
}
