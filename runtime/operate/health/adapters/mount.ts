/** How many segments a mount's path has before its `*`. What they are called is left open: a framework's `/:tenant` is a segment like another. */
export function segmentsIn(mount: string): number {
  return mount.split('/').filter((segment) => segment !== '' && !segment.startsWith('*')).length;
}

/** A path without its first segments: of `/ops/health` and 1, `/health`. */
export function belowSegments(path: string, count: number): string {
  if (count === 0) return path;
  return `/${path
    .split('/')
    .slice(count + 1)
    .join('/')}`;
}
