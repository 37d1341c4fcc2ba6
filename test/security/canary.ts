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
    for (const { form, text: view, needle } of ends(name).flatMap((part) => formsOf(part, views))) {
      const at = found.has(name) ? -1 : view.indexOf(needle);
      if (at >= 0) found.set(name, `${form}: …${view.slice(Math.max(0, at - 60), at + needle.length + 20)}…`);
    }
  }
  return found;
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

function viewsOf(text: string): Views {
  const unescaped = text
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\+u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
  const joined = text.replace(/=\r?\n/g, '').replace(/\s+/g, '');
  return { plain: text.toLowerCase(), unescaped: unescaped.toLowerCase(), joined, joinedPlain: joined.toLowerCase() };
}

/** Every form that a part of a secret may have, and where it is looked for. */
function formsOf(part: string, views: Views): readonly { readonly form: string; readonly text: string; readonly needle: string }[] {
  const bytes = Buffer.from(part);
  return [
    { form: 'plain', text: views.plain, needle: part },
    { form: 'escaped', text: views.unescaped, needle: part },
    { form: 'in lines', text: views.joinedPlain, needle: part },
    { form: 'hex', text: views.joinedPlain, needle: bytes.toString('hex') },
    { form: 'bytes', text: views.joined, needle: [...bytes].join(',') },
    ...[0, 1, 2].map((before) => ({ form: 'base64', text: views.joined, needle: base64Within(bytes, before) })),
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
