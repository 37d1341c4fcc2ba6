import type { Behaviour, Reply } from '../engine/behaviour.js';
import { MomentChance, subSeed } from '../engine/random.js';
import type { RecordedCall } from './rows.js';

/** Calls of an operation that are remembered: more of them would remember better times in the midst of an outage. */
const REMEMBERED = 5;

/**
 * A service that does as it was recorded. The first request of a call, sent when the recorded one was, meets what that met. Of any other
 * (a retry, or one that had to wait its turn) nothing is recorded: it meets what one of the last five calls of its operation met.
 */
export class RecordedBehaviour implements Behaviour {
  readonly #reply: Reply = { fault: undefined, delayMs: 0, retryAfterSeconds: undefined };
  readonly #chance: MomentChance;
  readonly #last = new Map<number, { readonly rows: RecordedCall[]; next: number }>();
  #present: { readonly operation: number; readonly row: RecordedCall } | undefined;

  constructor(service: string, seed: number) {
    this.#chance = new MomentChance(subSeed(seed, `fate of ${service}`));
  }

  /** Someone is about to make this call. */
  expect(operation: number, row: RecordedCall): void {
    this.#present = { operation, row };
    const last = this.#last.get(operation);
    if (last === undefined) this.#last.set(operation, { rows: [row], next: 1 % REMEMBERED });
    else {
      last.rows[last.next] = row;
      last.next = (last.next + 1) % REMEMBERED;
    }
  }

  /** The call has been made: what is sent from now on is something else. */
  made(): void {
    this.#present = undefined;
  }

  reply(operation: number, _sender: number, now: number): Reply {
    const present = this.#present?.operation === operation ? this.#present.row : undefined;
    // Once: the call may already be in its second attempt.
    this.#present = undefined;
    const row = present ?? this.#remembered(operation, now);
    this.#reply.fault = row?.fault;
    this.#reply.delayMs = row?.durationMs ?? 0;
    return this.#reply;
  }

  #remembered(operation: number, now: number): RecordedCall | undefined {
    const rows = this.#last.get(operation)?.rows ?? [];
    return rows[Math.floor(this.#chance.at(now).next() * rows.length)];
  }
}
