import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../../clock.js';
import { holdsAtExit } from './exit-hold.js';

/** Something that must end by a time. The attempt itself is the list node, so that a deadline costs no allocation. */
export abstract class DeadlineNode {
  /** When it expires, on the clock's monotonic scale. */
  expiresAt = 0;
  /** @internal */ list: DeadlineList | undefined = undefined;
  /** @internal */ previous: DeadlineNode | undefined = undefined;
  /** @internal */ next: DeadlineNode | undefined = undefined;

  /** Called once, when the time has come and `disarm` was not called. */
  abstract onDeadline(now: number): void;

  /** Leaves the list; harmless when already out. */
  disarm(): void {
    this.list?.remove(this);
  }
}

/**
 * All deadlines of one duration. They expire in the order in which they were set, so one timer for the head serves all of them: a call
 * costs two pointer writes where `setTimeout`/`clearTimeout` would cost a timer each.
 *
 * The timer keeps the process alive only if the list `holds` it, if nothing else does so, and as long as a node waits. A request has a socket
 * that keeps the process alive. A function may have nothing, and its caller would never learn that its time is up.
 */
export class DeadlineList {
  #head: DeadlineNode | undefined;
  #tail: DeadlineNode | undefined;
  #timer: TimerHandle | undefined;
  readonly #clock: Clock;
  readonly #durationMs: number;
  readonly #single: boolean;
  readonly #holds: boolean;
  /** Does the timer keep the process alive now? */
  #held: boolean | undefined;
  readonly #fire = (): void => this.#expire();

  /** `single`: made for one node, so the timer goes when the node does. */
  constructor(clock: Clock, durationMs: number, single = false, holds = false) {
    this.#clock = clock;
    this.#durationMs = durationMs;
    this.#single = single;
    this.#holds = holds;
    if (holds && !single) holdsAtExit(this);
  }

  /** Starts the deadline of `node`, counted from `now`. */
  add(node: DeadlineNode, now: number): void {
    node.list = this;
    node.expiresAt = now + this.#durationMs;
    node.next = undefined;
    const tail = this.#tail;
    node.previous = tail;
    if (tail === undefined) this.#head = node;
    else tail.next = node;
    this.#tail = node;
    if (this.#timer === undefined) this.#arm(this.#durationMs);
  }

  remove(node: DeadlineNode): void {
    if (node.list !== this) return;
    const { previous, next } = node;
    if (previous === undefined) this.#head = next;
    else previous.next = next;
    if (next === undefined) this.#tail = previous;
    else next.previous = previous;
    node.list = undefined;
    node.previous = undefined;
    node.next = undefined;
    // A shared timer stays: it is unref'd, fires once, finds nothing and is gone. Clearing it would cost every call of a quiet client a timer.
    // Stryker disable next-line ConditionalExpression: a node in a list has set the list's timer; the check is for the types.
    if (this.#single && this.#timer !== undefined) {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.#held && this.#head === undefined) {
      this.#held = false;
      // Stryker disable next-line OptionalChaining: a list that held the process has a timer; the check is for the types.
      this.#timer?.unref?.();
    }
  }

  /** Is it the list for deadlines of this duration on this clock? */
  // Stryker disable next-line BlockStatement: after `false`, the caller looks the list up and finds this one.
  serves(clock: Clock, durationMs: number): boolean {
    // Stryker disable next-line ConditionalExpression: as above.
    return this.#clock === clock && this.#durationMs === durationMs;
  }

  /** Deadlines pending now. */
  get size(): number {
    let count = 0;
    for (let node = this.#head; node !== undefined; node = node.next) count++;
    return count;
  }

  /** Keeps the process alive while a node waits here, if nothing else does. */
  hold(): void {
    if (this.#head === undefined) return;
    this.#held = true;
    // Stryker disable next-line OptionalChaining: a node in a list has set the list's timer; the check is for the types.
    this.#timer?.ref?.();
  }

  #arm(delayMs: number): void {
    this.#timer = this.#clock.setTimeout(this.#fire, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    this.#held = false;
    // That of a single node goes with it: it need not wait to be asked.
    if (!this.#holds || !this.#single) this.#timer.unref?.();
  }

  #expire(): void {
    const now = this.#clock.now();
    let node = this.#head;
    try {
      // Timers may fire a fraction early; half a millisecond of grace saves a second round.
      while (node !== undefined && node.expiresAt <= now + 0.5) {
        this.remove(node);
        node.onDeadline(now);
        node = this.#head;
      }
    } finally {
      // Not before: what an expiring node adds must not set the timer past those that wait already.
      this.#timer = undefined;
      if (this.#head !== undefined) this.#arm(this.#head.expiresAt - now);
    }
  }
}

/** By duration; of lists that hold the process, by its negative. */
const listsByClock = new WeakMap<Clock, Map<number, DeadlineList>>();

/** Durations of one clock that get a shared list. Configuration has few; a program that computes durations must not grow the table for ever. */
const MAX_SHARED_LISTS = 256;

/**
 * Starts a deadline of `durationMs` for `node`, counted from `now`: on the shared list of that duration, or on a timer of its own where `shared`
 * is false. `holds`: the process does not end before.
 */
export function startDeadline(clock: Clock, node: DeadlineNode, durationMs: number, now: number, shared: boolean, holds = false): void {
  const list = shared ? deadlineList(clock, durationMs, holds) : new DeadlineList(clock, durationMs, true, holds);
  list.add(node, now);
}

/**
 * The lists that were asked for last, of those that hold the process and of the others. Most calls ask for the same two, and the look-ups would cost
 * more than the lists themselves.
 */
let recentHolding: DeadlineList | undefined;
let recentFree: DeadlineList | undefined;

/** The shared list of one duration. */
export function deadlineList(clock: Clock, durationMs: number, holds = false): DeadlineList {
  // Stryker disable next-line ConditionalExpression: without the short cut the look-ups below find the same list.
  const recent = holds ? recentHolding : recentFree;
  if (recent?.serves(clock, durationMs)) return recent;
  let lists = listsByClock.get(clock);
  if (lists === undefined) {
    lists = new Map();
    listsByClock.set(clock, lists);
  }
  const key = holds ? -durationMs : durationMs;
  let list = lists.get(key);
  if (list === undefined) {
    if (lists.size >= MAX_SHARED_LISTS) return new DeadlineList(clock, durationMs, true, holds);
    list = new DeadlineList(clock, durationMs, false, holds);
    lists.set(key, list);
  }
  if (holds) recentHolding = list;
  else recentFree = list;
  return list;
}
