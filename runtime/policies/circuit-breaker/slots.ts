/** The key of a slot that holds a `T`. A module makes its key once, and keeps one value by it in each registry or circuit. */
export class SlotKey<T> {
  /** For the types alone: a key of one type does not pass for a key of another. */
  declare protected readonly held: T;

  /** `name` is shown by debuggers. */
  constructor(readonly name: string) {}
}

/** Something that keeps values of other modules for as long as it lives. */
export interface Slotted {
  /** Returns the value under `key`. Calls `make` for it if there is none yet. */
  slot<T>(key: SlotKey<T>, make: () => T): T;
  /** Returns the value under `key`, or undefined if nothing was put there. */
  peek<T>(key: SlotKey<T>): T | undefined;
}

interface Slot<T> {
  readonly key: SlotKey<T>;
  readonly value: T;
  readonly next: Slot<unknown> | undefined;
}

/** The slots of one owner: a list, because there are few, and an empty `Map` would take 200 bytes of every circuit. */
export class Slots implements Slotted {
  #first: Slot<unknown> | undefined;

  slot<T>(key: SlotKey<T>, make: () => T): T {
    const found = this.#find(key);
    if (found !== undefined) return found.value;
    const value = make();
    this.#first = { key, value, next: this.#first };
    return value;
  }

  peek<T>(key: SlotKey<T>): T | undefined {
    return this.#find(key)?.value;
  }

  #find<T>(key: SlotKey<T>): Slot<T> | undefined {
    for (let slot = this.#first; slot !== undefined; slot = slot.next) if (isUnder(slot, key)) return slot;
    return undefined;
  }
}

function isUnder<T>(slot: Slot<unknown>, key: SlotKey<T>): slot is Slot<T> {
  return slot.key === key;
}
