/** Latin letters that Unicode does not decompose into an ASCII letter and an accent. */
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
 * Splits a name into words: `get-contact`, `getContact`, `Custom Fields V2`. Words are lower case and contain letters and digits only.
 * Latin letters become ASCII; other scripts stay unchanged.
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

/**
 * Returns true for the same word in singular and plural: `contact` and `contacts`, `category` and `categories`, `address` and `addresses`.
 */
export function sameWord(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return long === `${short}s` || long === `${short}es` || (short.endsWith('y') && long === `${short.slice(0, -1)}ies`);
}

/** Returns true for words that name an edition: `v2`, `v3`. */
export function isVersion(word: string): boolean {
  return /^v\d+$/.test(word);
}

/** Returns true if TypeScript accepts the text as a name. */
export function isIdentifier(name: string): boolean {
  return /^[\p{L}_$][\p{L}\p{Mn}\p{Mc}\p{Nd}_$]*$/u.test(name);
}

/** Puts an underscore before a leading digit. */
export function identifier(name: string): string {
  return /^[\p{L}_$]/u.test(name) ? name : `_${name}`;
}
