/** Returns a wait as text for an error message: `2.5 s`, and whole seconds from 10 s on. */
export function secondsText(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
