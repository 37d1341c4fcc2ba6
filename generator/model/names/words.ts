/** The words of any name: `get-contact`, `getContact`, `Custom Fields V2`; lower case, letters and digits only. */
export function words(name: string): string[] {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/OAuth/g, 'Oauth')
    .replace(/(\p{L})(V\d+)(?!\p{Ll})/gu, '$1 $2')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}(?!s(?!\p{L}))\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());
}

/** `custom fields` -> `CustomFields`. */
export function pascalCase(parts: readonly string[]): string {
  return parts.map(capitalise).join('');
}

/** `custom fields` -> `customFields`. */
export function camelCase(parts: readonly string[]): string {
  return parts.map((part, index) => (index === 0 ? part : capitalise(part))).join('');
}

export function capitalise(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Same word, singular or plural: `contact` and `contacts`, `category` and `categories`, `address` and `addresses`. */
export function sameWord(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long === `${short}s` || long === `${short}es` || (short.endsWith('y') && long === `${short.slice(0, -1)}ies`);
}

/** `v2`, `v3`: words that say which edition, not what. */
export function isVersion(word: string): boolean {
  return /^v\d+$/.test(word);
}

/** True for what may stand as a name in TypeScript. */
export function isIdentifier(name: string): boolean {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name);
}

/** Puts an underscore before a leading digit. */
export function identifier(name: string): string {
  return /^[\p{L}_$]/u.test(name) ? name : `_${name}`;
}
