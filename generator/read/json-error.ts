/** The first place where a text is not JSON, and what JSON requires there. */
export interface JsonError {
  readonly at: number;
  readonly expected: string;
}

const STRING = /"(?:[^"\\\p{Cc}]|[\x7f-\x9f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const BLANK = /[ \t\r\n]*/y;

type Expected = 'value' | 'first key' | 'key' | 'colon' | 'first item' | 'comma' | 'end';

const PHRASES: Readonly<Record<Expected, string>> = {
  value: 'a value',
  'first key': 'a key in double quotes or }',
  key: 'a key in double quotes',
  colon: 'a colon',
  'first item': 'a value or ]',
  comma: 'a comma or the end of the list or mapping',
  end: 'the end of the document',
};

/** Finds the fault in a text that `JSON.parse` refuses. The message of `JSON.parse` names no place for most faults. */
export function jsonError(text: string): JsonError {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at += found[0].length;
    return found !== null;
  };
  const closed = (): Expected => (open.length === 0 ? 'end' : 'comma');
  for (;;) {
    take(BLANK);
    const char = text[at] ?? '';
    const key = expected === 'first key' || expected === 'key';
    const close = open.at(-1) === '{' ? '}' : ']';
    if (
      char !== '' &&
      char === close &&
      (expected === 'comma' || expected === 'first key' || expected === 'first item') &&
      open.length > 0
    ) {
      at += 1;
      open.pop();
      expected = closed();
    } else if (expected === 'comma' && char === ',') {
      at += 1;
      expected = open.at(-1) === '{' ? 'key' : 'value';
    } else if (expected === 'colon' && char === ':') {
      at += 1;
      expected = 'value';
    } else if (key && take(STRING)) {
      expected = 'colon';
    } else if ((expected === 'value' || expected === 'first item') && (char === '{' || char === '[')) {
      at += 1;
      open.push(char);
      expected = char === '{' ? 'first key' : 'first item';
    } else if ((expected === 'value' || expected === 'first item') && (take(STRING) || take(SCALAR))) {
      expected = closed();
    } else {
      return { at, expected: PHRASES[expected] };
    }
  }
}
