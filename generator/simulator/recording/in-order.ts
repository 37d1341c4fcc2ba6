import type { RecordedCall } from './rows.js';

/** The most rows that wait for their turn. Logs often list calls by their end, not by their start. */
const HELD = 10_000;

/** Sorts recorded calls by time as far as a limited number of waiting rows allows. */
export class InOrder {
  readonly #heap: RecordedCall[] = [];
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
      this.#add(row);
      if (this.#heap.length > this.#held) this.#give(out);
    }
    return out;
  }

  /** Returns the remaining rows. */
  end(): RecordedCall[] {
    const out: RecordedCall[] = [];
    while (this.#heap.length > 0) this.#give(out);
    return out;
  }

  #give(out: RecordedCall[]): void {
    const row = this.#take();
    if (row.timeMs < this.#last) {
      this.#onLate(row, this.#last - row.timeMs);
      return;
    }
    this.#last = row.timeMs;
    out.push(row);
  }

  #add(row: RecordedCall): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(row);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as RecordedCall;
      if (!before(row, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = row;
  }

  #take(): RecordedCall {
    const heap = this.#heap;
    const first = heap[0] as RecordedCall;
    const last = heap.pop() as RecordedCall;
    const size = heap.length;
    if (size === 0) return first;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && before(heap[child + 1] as RecordedCall, heap[child] as RecordedCall)) child++;
      const below = heap[child] as RecordedCall;
      if (!before(below, last)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

function before(a: RecordedCall, b: RecordedCall): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.line < b.line);
}
