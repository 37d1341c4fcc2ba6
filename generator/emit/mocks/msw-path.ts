/**
 * An OpenAPI path as a pattern of MSW: `{id}` becomes `:id`, everything else stands for itself. MSW hands the pattern to
 * path-to-regexp after it has cut off what looks like a query and replaced what looks like a wildcard, so these characters are
 * written as groups instead.
 */
export function mswPath(path: string): string {
  // A query in a path template is no part of the path.
  const [plain = ''] = path.split(/[?#]/);
  const taken = new Set<string>();
  let result = '';
  let at = 0;
  for (const { 0: whole, 1: name = '', index } of plain.matchAll(/\{([^{}]*)\}/g)) {
    result += literalPath(plain.slice(at, index));
    at = index + whole.length;
    const param = `:${paramName(name, taken)}`;
    // Otherwise a letter that follows would be read as part of the name.
    result += /^\w/.test(plain.slice(at)) ? `${param}([^/]+)` : param;
  }
  return result + literalPath(plain.slice(at));
}

function paramName(name: string, taken: Set<string>): string {
  const base = name.replace(/\W/g, '_').replace(/^(?=\d|$)/, '_');
  let free = base;
  for (let number = 2; taken.has(free); number += 1) free = `${base}${number}`;
  taken.add(free);
  return free;
}

/** Characters that a URL's path keeps as they are. */
const KEPT = /[\w.~!$&'()*+,;=:@/%[\]|^-]/;

function literalPath(text: string): string {
  const characters = [...text.replace(/\p{Surrogate}/gu, '\ufffd')];
  return characters
    .map((character, at) => {
      if (!KEPT.test(character)) return encodeURIComponent(character);
      if (character === '*' || character === '|') return `(\\x${character.charCodeAt(0).toString(16)})`;
      // A colon before a digit is read as a port.
      if (character === ':' && /\d/.test(characters[at + 1] ?? '')) return '(\\x3a)';
      return /[:()+]/.test(character) ? `\\${character}` : character;
    })
    .join('');
}

/** Order in which handlers are asked: a literal segment before a parameter, a trailing slash before none. */
export function comparePaths(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [x, y] = [left[at], right[at]];
    if (x === y) continue;
    if (x === undefined || y === undefined) return y === undefined ? -1 : 1;
    const open = Number(x.includes('{')) - Number(y.includes('{'));
    if (open !== 0) return open;
    const literals = withoutParams(y).length - withoutParams(x).length;
    if (literals !== 0) return literals;
    return x < y ? -1 : 1;
  }
  return 0;
}

function withoutParams(segment: string): string {
  return segment.includes('{') ? segment.replace(/\{[^{}]*\}/g, '') : '';
}
