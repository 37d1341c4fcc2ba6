import { type Clock, MAX_TIMER_MS, type TimerHandle } from '../../clock.js';
import { endIsWatched, holdsAtExit } from './exit-hold.js';

/** Base of objects that have a deadline, such as an attempt. The object is the list node, so that a deadline needs no allocation. */
export abstract class DeadlineNode {
  /** When the deadline passes, in the clock's monotonic time. */
  expiresAt = 0;
  /** @internal */ list: DeadlineList | undefined = undefined;
  /** @internal */ previous: DeadlineNode | undefined = undefined;
  /** @internal */ next: DeadlineNode | undefined = undefined;

  /** Grows while input for it arrives, see `DeadlineList`. */
  get progress(): number {
    return 0;
  }

  /**
   * Called if the deadline passed while the event loop was blocked: perhaps the work could begin only now. Returns true if the limit starts again at `now`.
   * Called at most once.
   */
  startAgain(_now: number): boolean {
    return false;
  }

  /** Called once when the deadline passes, unless `disarm` was called before. */
  abstract onDeadline(now: number): void;

  /** Removes the deadline. Does nothing if it was already removed. */
  disarm(): void {
    this.list?.remove(this);
  }
}

/**
 * All deadlines of one duration. They expire in the order in which they were set, so one timer for the head of the list is enough. A call costs a few
 * pointer writes instead of a `setTimeout` and a `clearTimeout`.
 *
 * The timer keeps the process alive only if `holds` is set, nothing else keeps the process alive, and a node waits. A request has a socket that keeps
 * the process alive. A function may have nothing, and then its caller would never get the timeout. The list learns at `beforeExit` that nothing else
 * does. Where others act on that event too, such as `node:test`, it would be too late: there the timer keeps the process alive while a node waits.
 */
export class DeadlineList {
  #head: DeadlineNode | undefined;
  #tail: DeadlineNode | undefined;
  #timer: TimerHandle | undefined;
  /** That of the timer: one of another timeline no longer fires. */
  #timeline: unknown;
  readonly #clock: Clock;
  readonly #durationMs: number;
  readonly #single: boolean;
  readonly #holds: boolean;
  /** True while the timer keeps the process alive. */
  #held: boolean | undefined;
  /** True if the timer keeps the process alive as soon as a node waits. */
  #holdsEarly: boolean | undefined;
  readonly #fire = (): void => this.#fired();

  /** If `single` is true, the list is for one node, and its timer is cleared when the node is removed. */
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
    if (tail === undefined) {
      this.#head = node;
      if (this.#holdsEarly) this.hold();
    } else tail.next = node;
    this.#tail = node;
    if (this.#timer === undefined) this.#arm(this.#durationMs);
    // A test runner took the timers away, or put the real ones back.
    else if (this.#timeline !== this.#clock.timeline?.()) this.#arm((this.#head ?? node).expiresAt - now);
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
    // A shared timer is not cleared: it is unref'd, and fires once without effect. Clearing it would cost a new timer per call of a client with few
    // calls.
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

  /** Returns true if this is the list for deadlines of this duration on this clock. */
  // Stryker disable next-line BlockStatement: after `false`, the caller looks the list up and finds this one.
  serves(clock: Clock, durationMs: number): boolean {
    // Stryker disable next-line ConditionalExpression: as above.
    return this.#clock === clock && this.#durationMs === durationMs;
  }

  /** Number of pending deadlines. */
  get size(): number {
    let count = 0;
    for (let node = this.#head; node !== undefined; node = node.next) count++;
    return count;
  }

  /** Keeps the process alive while a node waits in this list. */
  hold(): void {
    if (this.#head === undefined) return;
    this.#held = true;
    // Stryker disable next-line OptionalChaining: a node in a list has set the list's timer; the check is for the types.
    this.#timer?.ref?.();
  }

  #arm(delayMs: number): void {
    this.#timeline = this.#clock.timeline?.();
    this.#timer = this.#clock.setTimeout(this.#fire, Math.min(Math.max(delayMs, 0), MAX_TIMER_MS));
    this.#holdsEarly = this.#holds && !this.#single && endIsWatched();
    this.#held = this.#holdsEarly;
    // The timer of a single node is cleared with the node, so it can keep the process alive from the start.
    if (!this.#holdsEarly && !(this.#holds && this.#single)) this.#timer.unref?.();
  }

  #fired(): void {
    const clock = this.#clock;
    const now = clock.now();
    const due = this.#due(now);
    if (due === undefined || clock.afterInput === undefined) this.#expire(undefined);
    else this.#letInputIn(due, now - (this.#head?.expiresAt ?? 0) < LATE_MS ? 1 : MOST_TURNS, now);
  }

  /**
   * Lets the event loop read its input before anything expires, because timers come first in a turn of the loop. A timer that is late was held up by
   * the program itself: then turns follow as long as input for the nodes arrives.
   */
  #letInputIn(before: number, turns: number, firedAt: number): void {
    // Stryker disable next-line OptionalChaining: the caller has looked for it; the check is for the types.
    this.#clock.afterInput?.(() => {
      const due = this.#due(this.#clock.now());
      if (due === undefined || due === before || turns <= 1) this.#expire(firedAt);
      else this.#letInputIn(due, turns - 1, firedAt);
    });
  }

  /** The progress of all nodes that are due at `now`. Undefined if none is. */
  #due(now: number): number | undefined {
    let sum: number | undefined;
    // Stryker disable next-line ArithmeticOperator: any sum will do that changes with the nodes and their progress.
    for (let node = this.#head; node !== undefined && node.expiresAt <= now; node = node.next) sum = (sum ?? 0) + 1 + node.progress;
    return sum;
  }

  /** `firedAt`: when the timer fired; undefined if the clock cannot tell a late one from time that a test let pass. */
  #expire(firedAt: number | undefined): void {
    const now = this.#clock.now();
    const fired = this.#timer;
    let node = this.#head;
    try {
      while (node !== undefined && node.expiresAt <= now) {
        this.remove(node);
        if (firedAt !== undefined && this.#startsAgain(node, firedAt, now)) this.add(node, now);
        else node.onDeadline(now);
        node = this.#head;
      }
    } finally {
      // Set only now: a deadline that an expiring node adds must not set the timer later than the deadlines already in the list. The timer of a single node
      // that started again is already another one.
      if (this.#timer === fired || this.#timer === undefined) {
        this.#timer = undefined;
        if (this.#head !== undefined) this.#arm(this.#head.expiresAt - now);
      }
    }
  }

  #startsAgain(node: DeadlineNode, firedAt: number, now: number): boolean {
    if (firedAt - node.expiresAt < this.#durationMs * BLOCKED_SHARE || startedAgain.has(node)) return false;
    if (!node.startAgain(now)) return false;
    startedAgain.add(node);
    return true;
  }
}

/** A timer that fires later than this, in milliseconds, was held up. */
const LATE_MS = 5;

/**
 * A timer that is late by this share of its limit may have been blocked for the whole limit. A smaller share would let the pauses of a busy program lengthen
 * the limits.
 */
const BLOCKED_SHARE = 0.1;

/** The nodes whose limit has started again. A set beside the nodes, because few ever do, and a field would be in every call. */
const startedAgain = new WeakSet<DeadlineNode>();

/** How many turns of the event loop a late timer waits at most for input. In a turn, a socket is read up to 64 kB. */
const MOST_TURNS = 100;

/** The shared lists of each clock by duration. Lists with `holds` have the negative duration as their key. */
const listsByClock = new WeakMap<Clock, Map<number, DeadlineList>>();

/** Largest number of shared lists per clock. Configurations have few durations; the limit is for programs that compute them. */
const MAX_SHARED_LISTS = 256;

/**
 * Starts a deadline of `durationMs` milliseconds for `node`, counted from `now`. If `shared` is true, the deadline uses the shared list of that
 * duration, otherwise its own timer. If `holds` is true, the process stays alive until the deadline passes or is removed.
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

/** Returns the shared list of one duration. */
export function deadlineList(clock: Clock, durationMs: number, holds = false): DeadlineList {
  const recent = holds ? recentHolding : recentFree;
  // Stryker disable next-line ConditionalExpression: without the short cut the look-ups below find the same list.
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
