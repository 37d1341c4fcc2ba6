/** Returns a path as requests contain it. Percent-encodes characters that HTTP does not allow, except in the names of parameters. */
export function requestPath(path: string): string {
  return path
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .split(/(\{[^{}]+\})/)
    .map((part, at) => (at % 2 === 1 ? part : part.replace(/[^\u0021-\u007e]/gu, (found) => encodeURIComponent(found))))
    .join('');
}
