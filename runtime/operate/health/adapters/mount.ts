/** Returns the number of segments of a mount's path before its `*`. A parameter such as `/:tenant` counts as one. */
export function segmentsIn(mount: string): number {
  return mount.split('/').filter((segment) => segment !== '' && !segment.startsWith('*')).length;
}

/** Returns a path without its first segments: `/health` for `/ops/health` and 1. */
export function belowSegments(path: string, count: number): string {
  if (count === 0) return path;
  return `/${path
    .split('/')
    .slice(count + 1)
    .join('/')}`;
}
