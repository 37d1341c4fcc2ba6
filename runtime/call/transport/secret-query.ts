/**
 * Removes the credentials of a query from a URL on another origin: each parameter with the name of one, in any case, and each that holds one, such as the
 * address to return to. Returns false if one is left, in the path.
 *
 * `secretQuery`: `name=value`, encoded, joined by `&`.
 */
export function withoutSecrets(target: URL, secretQuery: string): boolean {
  const secrets = [...new URLSearchParams(secretQuery)];
  const names = new Set(secrets.map(([name]) => name.toLowerCase()));
  const values = secrets.map(([, value]) => value).filter(({ length }) => length >= SHORTEST);
  for (const [name, value] of [...target.searchParams])
    if (names.has(name.toLowerCase()) || holds(name, values) || holds(value, values)) target.searchParams.delete(name);
  // A parameter of the path, and a query that is no list of parameters.
  return !holds(target.pathname, values) && !holds(target.search, values);
}

/** A shorter text is found in others by chance, and is no secret. */
const SHORTEST = 6;

/** How often a URL within a URL within a URL is encoded. */
const DEPTH = 3;

function holds(text: string, values: readonly string[]): boolean {
  let decoded = text;
  for (let depth = 0; depth <= DEPTH; depth++) {
    if (values.some((value) => decoded.includes(value))) return true;
    try {
      decoded = decodeURIComponent(decoded);
    } catch {
      return false;
    }
  }
  return false;
}
