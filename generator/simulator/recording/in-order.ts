import { Heap } from '../engine/heap.js';
import type { RecordedCall } from './rows.js';

/** The most rows that wait for their turn. Logs often list calls by their end, not by their start. */
const HELD = 10_000;

/** Sorts recorded calls by time as far as a limited number of waiting rows allows. */
export class InOrder {
  readonly #rows = new Heap<RecordedCall>(before);
  readonly #held: number;
  #last = Number.NEGATIVE_INFINITY;
  readonly #onLate: (row: RecordedCall, lateMs: number) => void;

  /** `onLate` receives each row that is earlier than a row already returned. Such rows are dropped. */
  constructor(onLate: (row: RecordedCall, lateMs: number) => void, held = HELD) {
    this.#onLate = onLate;
    this.#held = held;
  }

  /** Takes rows and returns those whose turn has come. */
  push(rows: readonly RecordedCall[]): RecordedCall[] {
    const out: RecordedCall[] = [];
    for (const row of rows) {
      this.#rows.add(row);
      if (this.#rows.size > this.#held) this.#give(out);
    }
    return out;
  }

  /** Returns the remaining rows. */
  end(): RecordedCall[] {
    const out: RecordedCall[] = [];
    while (this.#rows.size > 0) this.#give(out);
    return out;
  }

  #give(out: RecordedCall[]): void {
    const row = this.#rows.take() as RecordedCall;
    if (row.timeMs < this.#last) {
      this.#onLate(row, this.#last - row.timeMs);
      return;
    }
    this.#last = row.timeMs;
    out.push(row);
  }
}

function before(a: RecordedCall, b: RecordedCall): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.line < b.line);
}
