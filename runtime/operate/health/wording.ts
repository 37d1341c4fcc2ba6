/** Returns wall-clock milliseconds as ISO 8601 to the second. */
export function timestamp(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19)}Z`;
}

/** Returns ISO 8601 without its fraction of a second. */
export function toSeconds(iso: string | null): string | null {
  return iso === null ? null : timestamp(Date.parse(iso));
}

export function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** Returns a rounded duration: `41 s`, `12 min`, `3 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
