import type { SchemaObject } from '../schemas/schema.js';
import { formatAccepts, patternOf } from '../schemas/validator.js';

/** Returns a whole number below a limit. The same seed gives the same numbers on every machine. */
export type Random = (below: number) => number;

/** Returns a random source seeded by text (FNV-1a, then mulberry32). */
export function seeded(seed: string): Random {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at += 1) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const BY_FORMAT: Readonly<Record<string, string>> = {
  date: '2026-03-14',
  time: '09:30:00Z',
  'date-time': '2026-03-14T09:30:00.000Z',
  email: 'mara.lindqvist@example.com',
  uuid: '3f2c8a6e-5b1d-4c7e-9a20-8d4f6b1e7c35',
  uri: 'https://example.com/listing/42',
  url: 'https://example.com/listing/42',
  ipv4: '192.0.2.10',
  ipv6: '2001:db8::10',
  hostname: 'api.example.com',
};

/** Texts by the end of a property's name, so that examples look like real data. */
const BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/e-?mail$/i, 'mara.lindqvist@example.com'],
  [/phone(_?number)?$|^(to|from)_?number$/i, '+15550100142'],
  [/first_?name$/i, 'Mara'],
  [/last_?name$/i, 'Lindqvist'],
  [/full_?name$/i, 'Mara Lindqvist'],
  [/(url|uri|link)$/i, 'https://example.com/listing/42'],
  [/(_at|At|[dD]ate|[tT]imestamp)$/, '2026-03-14T09:30:00.000Z'],
  [/time_?zone$/i, 'Europe/Stockholm'],
  [/^city$/i, 'Lund'],
  [/^country(_?code)?$/i, 'SE'],
  [/^currency$/i, 'EUR'],
  [/^subject$/i, 'Your viewing on Friday'],
  [/^(message|body|text|content|description)$/i, 'A quiet flat with a view of the park'],
  [/^(name|title|label)$/i, 'Garden flat'],
];

/** Returns a string for a schema. Tries the format, then the property's name, then the pattern. Observes the length limits. */
export function exampleText(schema: SchemaObject, name: string, random: Random): string {
  const format = schema['format'];
  const known = typeof format === 'string' && Object.hasOwn(BY_FORMAT, format) ? BY_FORMAT[format] : undefined;
  const pattern = patternOf(schema['pattern']);
  const min = numberOr(schema['minLength'], 0);
  const max = numberOr(schema['maxLength'], Number.POSITIVE_INFINITY);
  const fits = (text: string): boolean =>
    [...text].length >= min &&
    [...text].length <= max &&
    (pattern?.test(text) ?? true) &&
    (known === undefined || formatAccepts(format, text));
  const candidates = [
    known,
    ...BY_NAME.filter(([names]) => names.test(name)).map(([, text]) => text),
    identifierLike(name, random),
    word(random),
  ];
  const found = candidates.find((candidate) => candidate !== undefined && fits(candidate));
  if (found !== undefined) return found;
  if (pattern !== undefined) return fromPattern(pattern, min, max, random);
  return sized(candidates.find((candidate) => candidate !== undefined) ?? 'x', min, max);
}

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** Returns `con_4k9x` for `contactId`. */
function identifierLike(name: string, random: Random): string | undefined {
  if (!/(^|[a-z_])(id|ID|Id|key|Key|token|Token)s?$/.test(name)) return undefined;
  const start = name
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase()
    .slice(0, 3);
  return `${start === 'id' ? 'obj' : start}_${letters(8, random)}`;
}

function letters(count: number, random: Random): string {
  return Array.from({ length: count }, () => LETTERS.charAt(random(LETTERS.length))).join('');
}

const WORDS = ['garden', 'harbour', 'lantern', 'meadow', 'orchard', 'pebble', 'river', 'saffron', 'timber', 'willow'];

function word(random: Random): string {
  return WORDS[random(WORDS.length)] ?? 'garden';
}

function sized(text: string, min: number, max: number): string {
  let result = text;
  while (result.length < min) result += result;
  return result.slice(0, Math.max(min, Math.min(max, text.length)));
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}

/** The characters that a class or an escape can stand for, in order of preference. */
const PALETTE = [...'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.:/@+ #,=!$%&*()[]{}|~^?\'"<>;`\\'];

/**
 * Returns a text that a pattern accepts, built from the pattern's pieces. Tries several lengths and returns the last attempt if none
 * matches.
 */
function fromPattern(pattern: RegExp, min: number, max: number, random: Random): string {
  let text = '';
  for (const repeat of [1, min, 2, 3, 4, 6, 8, 10, 16, 20, 24, 32, 36]) {
    try {
      text = new PatternText(pattern.source, Math.max(1, repeat), random).build();
    } catch {
      return word(random);
    }
    if (pattern.test(text) && text.length >= min && text.length <= max) return text;
  }
  return text;
}

/** Builds text from the common part of the pattern language: literals, classes, groups, alternatives, quantifiers, anchors. */
class PatternText {
  #at = 0;

  constructor(
    private readonly source: string,
    private readonly many: number,
    private readonly random: Random,
  ) {}

  build(): string {
    return this.#alternatives();
  }

  #alternatives(): string {
    const parts = [this.#sequence()];
    while (this.source[this.#at] === '|') {
      this.#at += 1;
      parts.push(this.#sequence());
    }
    return parts[this.random(parts.length)] ?? '';
  }

  #sequence(): string {
    let text = '';
    while (this.#at < this.source.length && this.source[this.#at] !== '|' && this.source[this.#at] !== ')') {
      const start = this.#at;
      const once = this.#atom();
      const end = this.#at;
      const count = this.#count();
      const after = this.#at;
      text += count === 0 ? '' : once;
      // Each repetition reads the atom again, so that a class can give another character.
      for (let time = 1; time < count; time += 1) {
        this.#at = start;
        text += this.#atom();
        this.#at = end;
      }
      this.#at = after;
    }
    return text;
  }

  #count(): number {
    const rest = this.source.slice(this.#at);
    const found = /^(?:([*+?])|\{(\d+)(,)?(\d+)?\})\??/.exec(rest);
    if (found === null) return 1;
    this.#at += found[0].length;
    const [, symbol, low, comma, high] = found;
    if (symbol === '?') return 1;
    if (symbol !== undefined) return this.many;
    const least = Number(low);
    if (comma === undefined) return least;
    return Math.max(least, Math.min(this.many, high === undefined ? Number.POSITIVE_INFINITY : Number(high)));
  }

  #atom(): string {
    const character = this.source[this.#at] ?? '';
    if (character === '(') return this.#group();
    if (character === '[') return this.#pick(this.#until(/^\[(?:\\.|[^\]\\])*\]/));
    if (character === '\\') return this.#escape();
    this.#at += character.length;
    if (character === '^' || character === '$') return '';
    return character === '.' ? 'a' : character;
  }

  #group(): string {
    const open = /^\((?:\?(?::|<[A-Za-z]\w*>|([=!]|<[=!])))?/.exec(this.source.slice(this.#at));
    this.#at += open?.[0].length ?? 1;
    const text = this.#alternatives();
    this.#at += 1;
    // Lookarounds match no text.
    return open?.[1] === undefined ? text : '';
  }

  #escape(): string {
    const text = this.#until(/^\\(?:u\{[0-9a-f]+\}|u[0-9a-f]{4}|x[0-9a-f]{2}|p\{[^}]*\}|P\{[^}]*\}|.)/i);
    if (/^\\[bB]$/.test(text)) return '';
    return /^\\[dwWsSDpPuxtnr]/.test(text) ? this.#pick(text) : text.slice(1);
  }

  #pick(characterClass: string): string {
    const matcher = new RegExp(`^${characterClass}$`, 'u');
    const fitting = PALETTE.filter((character) => matcher.test(character));
    return fitting[this.random(Math.min(fitting.length, 36) || 1)] ?? 'x';
  }

  #until(piece: RegExp): string {
    const text = piece.exec(this.source.slice(this.#at))?.[0] ?? this.source[this.#at] ?? '';
    this.#at += Math.max(1, text.length);
    return text;
  }
}
