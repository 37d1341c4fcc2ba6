import { createHash } from 'node:crypto';

/** Letters and digits only, so that most encodings leave them alone. */
const PART = 12;

/**
 * A secret that nothing else contains. Both ends are searched for on their own, so that one that was cut short is found, too. What is between
 * them must be escaped nearly everywhere.
 */
export function canary(name: string): string {
  const [head, tail] = ends(name);
  return `${head}/+=%&"<${tail}`;
}

function ends(name: string): readonly [string, string] {
  const digest = createHash('sha256').update(name).digest('hex');
  // Without a digit in front, so that none continues a number.
  return [`k${digest.slice(1, PART)}`, `z${digest.slice(PART, 2 * PART - 1)}`];
}

/** Names of the canaries found in a text, each once, with the form that it was found in and what surrounds it. */
export function search(text: string, names: Iterable<string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const views = viewsOf(text);
  for (const name of names) {
    const hit = ends(name)
      .flatMap((part) => formsOf(part))
      .flatMap(([form, needle]) => views.flatMap((view) => hitOf(view, form, needle)))
      .at(0);
    if (hit !== undefined) found.set(name, hit);
  }
  return found;
}

function hitOf(view: string, form: string, needle: string): readonly string[] {
  const at = view.indexOf(needle);
  return at < 0 ? [] : [`${form}: …${view.slice(Math.max(0, at - 60), at + needle.length + 20)}…`];
}

/** The text as it is; with its percent and Unicode escapes undone; without white space, for bytes and base64 in lines. */
function viewsOf(text: string): readonly string[] {
  const plain = text
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\?\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  // Quoted-printable ends its lines with `=`.
  const joined = text.replace(/=\r?\n/g, '').replace(/\s+/g, '');
  return [...new Set([text, text.toLowerCase(), plain, plain.toLowerCase(), joined, joined.toLowerCase()])];
}

/** Every form that a search knows, and what it looks for. */
export function formsOf(part: string): readonly (readonly [form: string, needle: string])[] {
  const bytes = Buffer.from(part);
  return [
    ['plain', part],
    ['reversed', [...part].reverse().join('')],
    ['hex', bytes.toString('hex')],
    ['bytes', [...bytes].join(',')],
    ...[0, 1, 2].map((before) => ['base64', base64Within(bytes, before)] as const),
  ];
}

/** The characters that a part always has in base64, whatever surrounds it, if `before` bytes of a group of three are in front of it. */
function base64Within(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const whole = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((before * 8) / 6), whole);
}
