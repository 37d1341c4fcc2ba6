import { type Document, isCollection, isScalar, visit, type YAMLParseError } from 'yaml';
import type { Finding, Range } from './source.js';

/** Clearer messages and hints for faults of the parser, by the code of the parser. */
const SAID: Readonly<Record<string, readonly [message: string, hint: string]>> = {
  BLOCK_AS_IMPLICIT_KEY: [
    'this key has a plain value and keys of its own, expected one of them',
    'A text with `: ` in it needs quotes. Otherwise compare the indentation of this line and the next.',
  ],
  MULTILINE_IMPLICIT_KEY: ['expected a key and `:` on one line', 'Is a `:` missing, or is the next line indented differently?'],
  UNEXPECTED_TOKEN: ['this does not continue what is above it', 'Compare the indentation with that of the lines above.'],
};

/**
 * Returns the fault because of which a text is not valid YAML, or undefined. Returns only the first fault, because later ones are usually its
 * consequences. Repeated keys are not such a fault: the text can still be read.
 */
export function syntaxFault(document: Document.Parsed, text: string): { readonly range: Range; readonly finding: Finding } | undefined {
  const faults = document.errors;
  // The parser is recursive, and reports a stack overflow.
  const deep = faults.find(({ message }) => /call stack/i.test(message));
  if (deep !== undefined) return { range: deep.pos, finding: { code: 'too-deep', message: 'the file is nested too deeply to be read' } };
  // Everything after an open quote or bracket is read as its content. That causes the faults before this one.
  const quote = faults.find(({ message }) => /^Missing closing ["']/.test(message));
  const open = faults.find(({ message }) => /^Flow (map|sequence) .* must .*end with/.test(message));
  const cause = (quote && openQuote(document, quote)) ?? (open && openBracket(document, text, open));
  const [first] = faults;
  return cause ?? (first && { range: first.pos, finding: findingOf(first) });
}

function openBracket(document: Document.Parsed, text: string, { message, pos }: YAMLParseError): ReturnType<typeof syntaxFault> {
  const expected = message.at(-1) ?? '';
  const bracket = expected === '}' ? '{' : '[';
  const found = text.charAt(pos[0]);
  if (found === ']' || found === '}') return { range: pos, finding: fault(`expected \`${expected}\`, found \`${found}\``) };
  let start: number | undefined;
  visit(document, (_, node) => {
    if (!isCollection(node) || !node.range || text.charAt(node.range[0]) !== bracket) return;
    // The innermost node that reaches this position.
    if (node.range[0] < pos[0] && pos[0] <= node.range[2] && (start === undefined || node.range[0] > start)) start = node.range[0];
  });
  const range: Range = start === undefined ? pos : [start, start + 1];
  const line = text.slice(0, pos[0]).split('\n').length;
  const where = text.slice(pos[0]).trim() === '' ? 'the end of the file' : `line ${line}`;
  return { range, finding: fault(`\`${bracket}\` is never closed, expected \`${expected}\` before ${where}`) };
}

function openQuote(document: Document.Parsed, { message }: YAMLParseError): ReturnType<typeof syntaxFault> {
  const quote = message.includes('"') ? '"' : "'";
  const type = quote === '"' ? 'QUOTE_DOUBLE' : 'QUOTE_SINGLE';
  let start: number | undefined;
  visit(document, (_, node) => {
    if (isScalar(node) && node.type === type && node.range) start = node.range[0];
  });
  return start === undefined
    ? undefined
    : { range: [start, start + 1], finding: fault(`this quote is never closed, expected another ${quote} at the end of the text`) };
}

function findingOf({ code, message }: YAMLParseError): Finding {
  if (code === 'TAB_AS_INDENT') return { code: 'yaml-syntax', message: 'a tab indents this line, expected spaces' };
  if (code === 'MULTIPLE_DOCS') return { code: 'yaml-syntax', message: 'a second document begins here (`---`), expected one document' };
  if (code === 'BAD_SCALAR_START') return { ...fault(lowerFirst(message)), hint: 'Put the text in quotes.' };
  const [said, hint] = SAID[code] ?? [lowerFirst(message), undefined];
  return { ...fault(said), hint };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function fault(message: string): Finding {
  return { code: 'yaml-syntax', message: `not valid YAML: ${message}` };
}

/** A key that occurs more than once in its mapping. */
export interface RepeatedKey {
  /** The key as written in the text, with its quotes. */
  readonly written: string;
  readonly range: Range;
}

/**
 * Returns the repeated keys of all mappings, in file order, for documents read with `uniqueKeys: false`. The check of `yaml` itself compares each key
 * with all others, so its time grows with the square of their number. A merge key can be repeated.
 */
export function repeatedKeys(document: Document.Parsed, text: string): readonly RepeatedKey[] {
  const repeated: RepeatedKey[] = [];
  visit(document, {
    Map: (_, { items }) => {
      const names = new Set<string>();
      for (const { key } of items) {
        const name = nameOf(key);
        if (name === undefined || (name === '<<' && isScalar(key) && key.type === 'PLAIN')) continue;
        if (names.has(name) && isScalar(key) && key.range)
          repeated.push({ written: text.slice(key.range[0], key.range[1]), range: [key.range[0], key.range[1]] });
        names.add(name);
      }
    },
  });
  return repeated;
}

/** Returns the name of a key; undefined if the key is a mapping, a list or an alias. */
export function nameOf(key: unknown): string | undefined {
  return isScalar(key) ? (key.source ?? String(key.value)) : undefined;
}
