/** ISO 8601 to the second, of wall-clock milliseconds. */
export function timestamp(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}

/** `timestamp` of what is ISO 8601 with a fraction. */
export function toSeconds(iso: string | null): string | null {
  return iso === null ? null : timestamp(Date.parse(iso));
}

export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** `41 s`, `12 min`, `3 h`: as much as a person wants to know. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
