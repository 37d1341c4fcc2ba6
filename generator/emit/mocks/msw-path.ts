/**
 * Returns an OpenAPI path as an MSW pattern: `{id}` becomes `:id`, all other text matches literally. MSW removes text that looks like a
 * query and replaces text that looks like a wildcard before it passes the pattern to path-to-regexp. Groups protect these characters.
 */
export function mswPath(path: string): string {
  // A query in a path template is not part of the path.
  const [plain = ''] = path.split(/[?#]/);
  const taken = new Set<string>();
  let result = '';
  let at = 0;
  for (const { 0: whole, 1: name = '', index } of plain.matchAll(/\{([^{}]*)\}/g)) {
    result += literalPath(plain.slice(at, index));
    at = index + whole.length;
    const param = `:${paramName(name, taken)}`;
    // The group separates the parameter's name from a letter that follows.
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

/** Characters that a URL's path contains unchanged. */
const KEPT = /[\w.~!$&'()*+,;=:@/%[\]|^-]/;

function literalPath(text: string): string {
  const characters = [...text.replace(/\p{Surrogate}/gu, '\ufffd')];
  return characters
    .map((character, at) => {
      if (!KEPT.test(character)) return encodeURIComponent(character);
      if (character === '*' || character === '|') return `(\\x${character.charCodeAt(0).toString(16)})`;
      // A colon before a digit would be read as a port.
      if (character === ':' && /\d/.test(characters[at + 1] ?? '')) return '(\\x3a)';
      return /[:()+]/.test(character) ? `\\${character}` : character;
    })
    .join('');
}

/** Orders handlers: a literal segment comes before a parameter, and a path with a trailing slash before the path without it. */
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
