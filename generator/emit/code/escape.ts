/**
 * Every string of a document or YAML file is hostile. Such a string reaches generated code only through one of these functions. Each
 * function serves one place in code.
 */

/** Characters that can end a line, hide text or change the reading direction (Unicode's bidirectional controls). */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the expression looks for control characters
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu;
const LINE_BREAK = /\r\n|[\n\r\u0085\u2028\u2029]/;
/** Letters of any script: names of the model may come from the document unchanged. */
const IDENTIFIER = /^[\p{L}_$][\p{L}\p{Mn}\p{Mc}\p{Nd}_$]*$/u;
const ASCII_IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

const RESERVED: ReadonlySet<string> = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements ' +
    'import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);

/** Returns true if the text can be the name of a constant, class or type. */
export function isIdentifier(name: string): boolean {
  return IDENTIFIER.test(name) && !RESERVED.has(name);
}

/**
 * Returns a name of the model for use in generated code.
 *
 * @throws {Error} if it is not an identifier. The model guarantees identifiers; any other text could be code.
 */
export function identifier(name: string): string {
  if (!isIdentifier(name)) throw new Error(`Expected an identifier, found ${JSON.stringify(name)}`);
  return name;
}

/**
 * Returns a name of the model for a member or file. `delete` and `class` are valid there.
 *
 * @throws {Error} if it is not the name of a member.
 */
export function memberName(name: string): string {
  if (!IDENTIFIER.test(name) || name === 'constructor' || name === '__proto__') {
    throw new Error(`Expected the name of a member, found ${JSON.stringify(name)}`);
  }
  return name;
}

/** Returns a string literal: in single quotes, or in double quotes if that avoids escaping. */
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

/** Returns the name of a property for a type. */
export function propertyName(name: string): string {
  return ASCII_IDENTIFIER.test(name) ? name : stringLiteral(name);
}

/** Returns the name of a property for an object literal, where a plain `__proto__` would set the prototype. */
export function propertyKey(name: string): string {
  if (name === '__proto__') return "['__proto__']";
  return /^(0|[1-9]\d{0,8})$/.test(name) ? name : propertyName(name);
}

/** Returns text for one line of a comment, `//` or block. */
export function commentLine(text: string): string {
  return commentLines(text).join(' ');
}

/** Returns text for a block comment, as lines that cannot end the comment, start a tag or become invisible. */
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

/** Returns a JSDoc comment of escaped lines with a final line break. Returns an empty text if there are no lines. */
export function jsDoc(lines: readonly string[], indent = ''): string {
  const [only, ...more] = lines;
  if (only === undefined) return '';
  if (more.length === 0 && indent.length + only.length + 7 <= 140) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === '' ? '' : ` ${line}`}\n`).join('')}${indent} */\n`;
}
