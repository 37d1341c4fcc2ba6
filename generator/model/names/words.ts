/** Latin letters that are no letter with an accent. */
const LATIN: Readonly<Record<string, string>> = {
  ß: 'ss',
  ẞ: 'SS',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  đ: 'd',
  Đ: 'D',
  ł: 'l',
  Ł: 'L',
  ð: 'd',
  Ð: 'D',
  þ: 'th',
  Þ: 'TH',
  ı: 'i',
};

/**
 * The words of any name: `get-contact`, `getContact`, `Custom Fields V2`; lower case, letters and digits only. Latin letters become those of
 * ASCII; other scripts stay as they are.
 */
export function words(name: string): string[] {
  return name
    .normalize('NFKD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC')
    .replace(/[ßẞæÆœŒøØđĐłŁðÐþÞı]/g, (letter) => LATIN[letter] ?? letter)
    .replace(/OAuth/g, 'Oauth')
    .replace(/(\p{L})(V\d+)(?!\p{Ll})/gu, '$1 $2')
    .replace(/([\p{Ll}\p{Nd}])(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu}+)(\p{Lu}(?!s(?!\p{L}))\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{Mn}\p{Mc}\p{Nd}]+/u)
    .filter((word) => /[\p{L}\p{Nd}]/u.test(word))
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
  return /^[\p{L}_$][\p{L}\p{Mn}\p{Mc}\p{Nd}_$]*$/u.test(name);
}

/** Puts an underscore before a leading digit. */
export function identifier(name: string): string {
  return /^[\p{L}_$]/u.test(name) ? name : `_${name}`;
}
