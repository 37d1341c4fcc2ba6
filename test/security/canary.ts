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
  const wanted = [...names];
  if (wanted.length === 0) return new Map();
  const found = new Map<string, string>();
  const views = viewsOf(text);
  for (const view of VIEWS) {
    const needles = needlesOf(wanted, view);
    // One scan for all of them. A look-ahead, since one may begin within another.
    const any = new RegExp(`(?=(${[...needles.keys()].map((needle) => needle.replace(/[+/]/g, '\\$&')).join('|')}))`, 'g');
    for (const { 1: needle = '', index } of views[view].matchAll(any)) {
      const { name, form } = needles.get(needle) ?? never(needle);
      if (!found.has(name)) found.set(name, `${form}: …${views[view].slice(Math.max(0, index - 60), index + needle.length + 20)}…`);
    }
  }
  return new Map(wanted.flatMap((name) => [...found].filter(([key]) => key === name)));
}

/** A text as it is searched: large ones many times, so there are as few as do. */
interface Views {
  readonly plain: string;
  /** With percent escapes, Unicode escapes and entities undone. */
  readonly unescaped: string;
  /** Without white space, which bytes and base64 in lines have in them; quoted-printable ends its lines with `=`. */
  readonly joined: string;
  readonly joinedPlain: string;
}

const VIEWS: readonly (keyof Views)[] = ['plain', 'unescaped', 'joined', 'joinedPlain'];

function viewsOf(text: string): Views {
  const unescaped = text
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const joined = text.replace(/=\r?\n/g, '').replace(/\s+/g, '');
  return { plain: text.toLowerCase(), unescaped: unescaped.toLowerCase(), joined, joinedPlain: joined.toLowerCase() };
}

/** What to look for in a view: every form in which an end of a secret may be there. */
function needlesOf(names: readonly string[], view: keyof Views): ReadonlyMap<string, { readonly name: string; readonly form: string }> {
  const needles = new Map<string, { readonly name: string; readonly form: string }>();
  for (const name of names)
    for (const part of ends(name)) for (const { form, needle } of formsOf(part, view)) needles.set(needle, { name, form });
  return needles;
}

function formsOf(part: string, view: keyof Views): readonly { readonly form: string; readonly needle: string }[] {
  const bytes = Buffer.from(part);
  switch (view) {
    case 'plain':
      return [{ form: 'plain', needle: part }];
    case 'unescaped':
      return [{ form: 'escaped', needle: part }];
    case 'joinedPlain':
      return [
        { form: 'in lines', needle: part },
        { form: 'hex', needle: bytes.toString('hex') },
      ];
    case 'joined':
      return [
        { form: 'bytes', needle: [...bytes].join(',') },
        ...[0, 1, 2].map((before) => ({ form: 'base64', needle: base64Within(bytes, before) })),
      ];
  }
}

/** The characters that a part always has in base64, whatever surrounds it, if `before` bytes of a group of three are in front of it. */
function base64Within(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const whole = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(Math.ceil((before * 8) / 6), whole);
}

function never(needle: string): never {
  throw new Error(`found ${needle}, which was not looked for`);
}
