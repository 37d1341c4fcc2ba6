import { BoundedMap } from './bounded-map.js';

interface Member<T> {
  readonly settings: string;
  readonly limit: T;
  /** The version of the configuration under which the limit was last requested. */
  version: number;
}

interface Family<T> {
  members: readonly Member<T>[];
  /** The latest version of the configuration under which a limit of this name was requested, or under which `outdate` was called. */
  version: number;
}

/**
 * Limits that clients share, by name and settings. The limits of one name are a family. After a reload with other settings, the limits that only the
 * old settings use are removed as soon as they are no longer in use.
 */
export class LimitFamilies<T> {
  readonly #families: BoundedMap<Family<T>>;
  readonly #underWay: (limit: T) => boolean;
  readonly #gone: (limit: T) => void;

  /**
   * @param max - largest number of families
   * @param idle - returns true if a limit is unused
   * @param underWay - returns true if calls wait for a limit, or it still counts sent requests
   * @param gone - called with each removed limit
   */
  constructor(max: number, idle: (limit: T) => boolean, underWay: (limit: T) => boolean, gone: (limit: T) => void) {
    const forget = ({ members }: Family<T>): void => {
      for (const { limit } of members) gone(limit);
    };
    this.#families = new BoundedMap(max, ({ members }) => members.every(({ limit }) => idle(limit)), forget);
    this.#underWay = underWay;
    this.#gone = gone;
  }

  /** Returns the limit with these settings. If there is none, creates it; `make` gets the other limits of the same name. */
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

  /** Allows the removal of limits that only configurations older than `version` use. */
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
