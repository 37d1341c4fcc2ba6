/** Why redirects were not followed, by the headers of their answers. The answer becomes an error only later, elsewhere. */
const reasons = new WeakMap<object, string>();

/** Notes why a redirect was not followed. `headers` are those of its answer. */
export function noteNotFollowed(headers: object, why: string): void {
  reasons.set(headers, why);
}

/** Statuses of redirects that a client can follow. */
const FOLLOWED: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Stands for the origin of the request, against which a location is read. */
const HERE = 'https://here.invalid';

/** Describes a redirect that was not followed. Names only the origin: a path or query of the server's can be secret. */
export function describeRedirect(status: number, location: string | undefined, headers: object): string {
  if (location === undefined || !FOLLOWED.has(status)) return '';
  if (!URL.canParse(location, HERE)) return ': a redirect to an invalid location';
  const { origin } = new URL(location, HERE);
  // Schemes such as file: and data: have no origin.
  const elsewhere = origin === 'null' ? 'a location that is not http or https' : origin;
  const where = origin === HERE ? 'another path of the same origin' : elsewhere;
  return `: a redirect to ${where}, which was not followed: ${reasons.get(headers) ?? "only a client with `redirects: 'follow'` follows redirects"}`;
}
