import { ConfigurationError, Wording } from './configuration-error.js';
import { nearest } from './nearest.js';

/** Names that an object of options may hold. */
export type Names = ReadonlySet<string>;

/** The names of all options of a type. The compiler finds a name that is missing or too many. */
export function namesOf<O>(all: { readonly [K in keyof Required<O>]: 1 }): Names {
  return new Set(Object.keys(all));
}

/** The options of another owner, for those who gave one to the wrong owner. */
export interface Elsewhere {
  readonly names: Names;
  /** What to do with such an option. */
  hint(name: string): string;
}

/** What others call these options. */
const SYNONYMS: Readonly<Record<string, string>> = {
  // Elsewhere a number, here an object of settings.
  retries: 'retry',
  apikey: 'token',
  accesstoken: 'token',
  url: 'baseUrl',
  // A signal that is given in place of the options.
  aborted: 'signal',
};

const ALL_OBJECTS = Object.prototype as Readonly<Record<string, unknown>>;

/**
 * Refuses options that do not exist: a misspelt option would be ignored in silence. `what` names the owner: `a client`. `place` stands before
 * the option. A value of undefined is not given. `elsewhere` are the options of another owner, which a message then names. Runs at every call that has
 * options, so it allocates nothing.
 *
 * @throws {ConfigurationError} that suggests the nearest known name, and never shows the value, which may be a secret. Also for an option that only
 * `Object.prototype` has; see `refuseInherited`.
 */
export function refuseUnknown(what: string, given: object, known: Names, place = '', elsewhere?: Elsewhere): void {
  refuseInherited(what, given, known, place);
  for (const name in given) {
    // Inherited options count, but not what someone added to all objects.
    if (known.has(name) || name in Object.prototype || (given as Readonly<Record<string, unknown>>)[name] === undefined) continue;
    throw unknownName(place + name, `not an option of ${what}`, name, known, 'a known option', elsewhere);
  }
}

/**
 * Refuses options that an object has only from `Object.prototype`. A `__proto__` in a parsed document can put a `baseUrl` or `headers` there, and every
 * client of the process would send its token to that server. An option of the object's own class applies. Costs 3 ns, because normally
 * `Object.prototype` has nothing to list. `kind` is what the name is, with its article.
 *
 * @throws {ConfigurationError} that never shows the value.
 */
export function refuseInherited(what: string, given: object, known: Names, place = '', kind = 'an option'): void {
  for (const name in ALL_OBJECTS) {
    if (!known.has(name) || ALL_OBJECTS[name] === undefined || givesItself(given, name)) continue;
    throw new ConfigurationError(
      place + name,
      new Wording('inherited from Object.prototype'),
      `${kind} of ${what} itself`,
      `Some code added \`${name}\` to all objects (prototype pollution): find that code and stop it.`,
    );
  }
}

/** Returns true if some code added anything to all objects that a loop over an object lists. */
export function isPolluted(): boolean {
  for (const _ in ALL_OBJECTS) return true;
  return false;
}

/** Returns true if the object or its class has the property. A value of undefined is not given. */
function givesItself(given: object, name: string): boolean {
  for (let holder: object | null = given; holder !== null; holder = Object.getPrototypeOf(holder)) {
    if (holder === ALL_OBJECTS) return false;
    if (Object.hasOwn(holder, name)) return (holder as Readonly<Record<string, unknown>>)[name] !== undefined;
  }
  // Without `Object.prototype` it inherits nothing from there.
  return true;
}

/** An error about a name that does not exist, with the nearest known one. `found` and `expected` say what kind of name it is. */
export function unknownName(
  option: string,
  found: string,
  name: string,
  known: Iterable<string>,
  expected: string,
  elsewhere?: Elsewhere,
): ConfigurationError {
  const names = [...known];
  const lower = name.toLowerCase();
  const meant =
    names.find((known) => Object.hasOwn(SYNONYMS, lower) && known === SYNONYMS[lower]) ?? nearest(name, names) ?? akin(name, names);
  const words = new Wording(found);
  if (meant !== undefined) return new ConfigurationError(option, words, expected, `Did you mean ${meant}?`);
  if (elsewhere?.names.has(name)) return new ConfigurationError(option, words, expected, elsewhere.hint(name));
  return new ConfigurationError(
    option,
    words,
    `${expected}, one of ${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}`,
  );
}

/** A known name that differs by its unit or by words before: `timout` is `timeoutMs`, `queue` is `maxQueue`. */
function akin(name: string, names: readonly string[]): string | undefined {
  const plain = nearest(
    name,
    names.map((known) => known.replace(/Ms$/, '')),
  );
  if (plain !== undefined) return names.find((known) => known.replace(/Ms$/, '') === plain);
  const ending = names.filter((known) => known.toLowerCase().endsWith(name.toLowerCase()));
  return ending.length === 1 ? ending[0] : undefined;
}

/** Names that a message lists. */
const LISTED = 30;
