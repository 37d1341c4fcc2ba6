/**
 * Every string of a document or YAML file is hostile. Generated code contains it only through one of these functions, one for each
 * place where text can stand.
 */

/** Could end a line, hide text, or change the direction in which it reads (Unicode's bidirectional controls). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;
const LINE_BREAK = /\r\n|[\n\r\u0085\u2028\u2029]/;
/** Of any script: the model's names may be those of the document. */
const IDENTIFIER = /^[\p{L}_$][\p{L}\p{Mn}\p{Mc}\p{Nd}_$]*$/u;
const ASCII_IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

const RESERVED: ReadonlySet<string> = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements ' +
    'import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** Can it be written as it stands, as the name of a constant, class or type? */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name) && !RESERVED.has(name);
}

/**
 * A name of the model, where generated code declares or uses it.
 *
 * @throws {Error} where it is no identifier: the model promised one, and anything else would be code.
 */
export function identifier(name: string): string {
  if (!isIdentifier(name)) throw new Error(`Expected an identifier, found ${JSON.stringify(name)}`);
  return name;
}

/**
 * A name of the model that becomes that of a member or file: `delete` and `class` are fine there.
 *
 * @throws {Error} where it is anything else.
 */
export function memberName(name: string): string {
  if (!IDENTIFIER.test(name) || name === 'constructor' || name === '__proto__') {
    throw new Error(`Expected the name of a member, found ${JSON.stringify(name)}`);
  }
  return name;
}

/** A string literal: single quotes, double where that saves escaping. */
export function stringLiteral(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(UNSAFE, (found) => SHORT[found] ?? hexEscape(found));
  return `${quote}${escaped}${quote}`;
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function hexEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** The name of a property in a type. */
export function propertyName(name: string): string {
  return ASCII_IDENTIFIER.test(name) ? name : stringLiteral(name);
}

/** The name of a property in an object literal, where `__proto__` would set the prototype instead. */
export function propertyKey(name: string): string {
  if (name === '__proto__') return "['__proto__']";
  return /^(0|[1-9]\d{0,8})$/.test(name) ? name : propertyName(name);
}

/** Reads a property: `.name` or `['name']`. */
export function propertyAccess(name: string): string {
  return ASCII_IDENTIFIER.test(name) ? `.${name}` : `[${stringLiteral(name)}]`;
}

/** Text for one line of a comment, `//` or block. */
export function commentLine(text: string): string {
  return commentLines(text).join(' ');
}

/** Text for a block comment, as lines that cannot end it, start a tag, or vanish. */
export function commentLines(text: string): string[] {
  const lines = text.split(LINE_BREAK).map((line) =>
    line
      .replaceAll('\t', '  ')
      .replace(UNSAFE, '\ufffd')
      .replaceAll('*/', '*\\/')
      .replaceAll('{@', '{\\@')
      .replace(/^(\s*)@/, '$1\\@')
      .trimEnd(),
  );
  while (lines.length > 0 && lines[0]?.trim() === '') lines.shift();
  while (lines.length > 0 && lines.at(-1)?.trim() === '') lines.pop();
  return lines;
}

/** A whole JSDoc comment of lines that are safe already, or nothing where there are none. Ends in a line break. */
export function jsDoc(lines: readonly string[], indent = ''): string {
  const [only, ...more] = lines;
  if (only === undefined) return '';
  if (more.length === 0 && indent.length + only.length + 7 <= 140) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`;
}
