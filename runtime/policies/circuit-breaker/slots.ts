/** The key of a slot of type `T`. A module creates its key once, and stores one value under it in each registry or circuit. */
export class SlotKey<T> {
  /** Exists only for the types, so that keys of different types are not interchangeable. */
  declare protected readonly held: T;

  /** `name` is for debugging only. */
  constructor(readonly name: string) {}
}

/** Stores values of other modules as long as the object exists. */
export interface Slotted {
  /** Returns the value under `key`. If there is none, stores and returns the result of `make`. */
  slot<T>(key: SlotKey<T>, make: () => T): T;
  /** Returns the value under `key`, or undefined if there is none. */
  peek<T>(key: SlotKey<T>): T | undefined;
}

interface Slot<T> {
  readonly key: SlotKey<T>;
  readonly value: T;
  readonly next: Slot<unknown> | undefined;
}

/** The slots of one object. Stored as a linked list, because there are few, and an empty `Map` would add 200 bytes to every circuit. */
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
