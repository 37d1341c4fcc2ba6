import { BoundedMap } from './bounded-map.js';

interface Member<T> {
  readonly settings: string;
  readonly limit: T;
  /** Of the configuration under which it was asked for last. */
  version: number;
}

interface Family<T> {
  members: readonly Member<T>[];
  /** Of the latest configuration under which anyone asked for one of the name, or would have if that had any. */
  version: number;
}

/**
 * Limits that clients share, by name and settings: those of one name are a family. Where a reload has brought other settings, the members that
 * only the old ones asked for go as soon as nothing of theirs is under way.
 */
export class LimitFamilies<T> {
  readonly #families: BoundedMap<Family<T>>;
  readonly #underWay: (limit: T) => boolean;
  readonly #gone: (limit: T) => void;

  /**
   * @param max - families that are kept
   * @param idle - whether one is unused
   * @param underWay - whether one still holds calls back, or counts what was sent
   * @param gone - told of each one that is kept no longer
   */
  constructor(max: number, idle: (limit: T) => boolean, underWay: (limit: T) => boolean, gone: (limit: T) => void) {
    const forget = ({ members }: Family<T>): void => {
      for (const { limit } of members) gone(limit);
    };
    this.#families = new BoundedMap(max, ({ members }) => members.every(({ limit }) => idle(limit)), forget);
    this.#underWay = underWay;
    this.#gone = gone;
  }

  /** The one with these settings; a new one is made knowing the others of its name. */
  obtain(name: string, settings: string, version: number, make: (others: readonly T[]) => T): T {
    const family = this.#families.get(name) ?? { members: [], version };
    family.version = Math.max(family.version, version);
    const found = family.members.find((member) => member.settings === settings);
    if (found !== undefined) {
      found.version = Math.max(found.version, version);
      return found.limit;
    }
    const limit = make(family.members.map((member) => member.limit));
    if (family.members.length === 0) this.#families.set(name, family);
    family.members = [...family.members, { settings, limit, version }];
    this.#forgetStale(family);
    return limit;
  }

  /** Under a newer configuration an operation asks for another one, or for none: what only the older one asked for may go. */
  outdate(name: string, version: number): void {
    const family = this.#families.get(name);
    if (family !== undefined) family.version = Math.max(family.version, version);
  }

  list(): readonly T[] {
    return [...this.#families.values()].flatMap((family) => {
      this.#forgetStale(family);
      return family.members.map(({ limit }) => limit);
    });
  }

  #forgetStale(family: Family<T>): void {
    family.members = family.members.filter(({ version, limit }) => {
      const stays = version >= family.version || this.#underWay(limit);
      if (!stays) this.#gone(limit);
      return stays;
    });
  }
}
