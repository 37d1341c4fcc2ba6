import type { Behaviour, Reply } from '../engine/behaviour.js';
import { MomentChance, subSeed } from '../engine/random.js';
import type { RecordedCall } from './rows.js';

/** The number of remembered calls per operation. More calls would mix good times into an outage. */
const REMEMBERED = 5;

/**
 * A service that behaves as recorded. The first request of a call, sent at the recorded time, gets the recorded answer. The recording has
 * no answer for other requests (retries and delayed requests). These get the answer of one of the last five calls of their operation.
 */
export class RecordedBehaviour implements Behaviour {
  readonly #reply: Reply = { fault: undefined, delayMs: 0, retryAfterSeconds: undefined };
  readonly #chance: MomentChance;
  readonly #last = new Map<number, { readonly rows: RecordedCall[]; next: number }>();
  #present: { readonly operation: number; readonly row: RecordedCall } | undefined;

  constructor(service: string, seed: number) {
    this.#chance = new MomentChance(subSeed(seed, `fate of ${service}`));
  }

  /** Announces the recorded call that is about to be made. */
  expect(operation: number, row: RecordedCall): void {
    this.#present = { operation, row };
    const last = this.#last.get(operation);
    if (last === undefined) this.#last.set(operation, { rows: [row], next: 1 % REMEMBERED });
    else {
      last.rows[last.next] = row;
      last.next = (last.next + 1) % REMEMBERED;
    }
  }

  /** Ends the announcement. Later requests get remembered answers. */
  made(): void {
    this.#present = undefined;
  }

  reply(operation: number, _sender: number, now: number): Reply {
    const present = this.#present?.operation === operation ? this.#present.row : undefined;
    // Applies once: the call may already be in its second attempt.
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
