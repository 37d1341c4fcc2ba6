/** Words that a message shows instead of the value, because the value can be a secret, or because its name is the fault. */
export class Wording {
  constructor(readonly text: string) {}
}

/** Characters that a message shows of a text. */
const SHOWN = 40;

/** Characters that a message shows of the name of an option: a key of the user's can be any text. */
const SHOWN_NAME = 200;

/**
 * Describes a value of the user's on one line and shortened, for a message. It can be of any type and length, and it never throws: looking at a
 * revoked Proxy, or converting an object to text, runs code of the user's. Therefore it converts no object, and reads no property of one.
 */
export function shownValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(shortened(value, SHOWN));
    case 'symbol':
    case 'bigint':
      return oneLine(shortened(textOf(value), SHOWN));
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : shownObject(value);
    default:
      return String(value);
  }
}

/** Shortens the name of an option. Names of nested options are paths, so they can be long. */
export function shownName(option: string): string {
  return oneLine(shortened(option, SHOWN_NAME));
}

/** Returns the name of an object's class, such as `Map`; undefined if it has none that a message can show. */
export function shownClass(value: object): string | undefined {
  try {
    const name: unknown = value.constructor?.name;
    return typeof name === 'string' && /^\w{1,60}$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

function shownObject(value: object): string {
  try {
    if (value instanceof Wording) return value.text;
    return Array.isArray(value) ? 'a list' : 'an object';
  } catch {
    // Even `instanceof` and `Array.isArray` throw for a revoked Proxy.
    return 'an object that cannot be read';
  }
}

function textOf(value: symbol | bigint): string {
  // A large bigint takes seconds to write.
  const large = typeof value === 'bigint' && BigInt.asIntN(64, value) !== value;
  return large ? 'a bigint of more than 64 bits' : String(value);
}

function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function oneLine(text: string): string {
  return text.replace(/[\r\n\u2028\u2029]+/g, ' ');
}
